/// A connection through which an application writes and reads tables in their new shape, whatever stage their
/// changes are in.
///
/// The same calls are right outside a transaction and inside the caller's own. What throws an error whose
/// ``DoubleWriteError/isRetryable`` is true may be repeated: outside a transaction the call, inside one the whole
/// transaction, after a rollback.
public protocol DoubleWriting {
    /// Carries out one request.
    func run(_ request: Request) throws(DoubleWriteError) -> ResultSet
}

extension DoubleWriting {
    /// Inserts one row. Columns that are not given get their default.
    ///
    /// - Parameter returning: The columns of the new row to give back.
    @discardableResult
    public func insert(
        into table: TableDeclaration, _ values: [String: SQLValue], returning: [String] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(.insert(into: table, rows: [values], returning: returning))
    }

    /// Inserts several rows in one statement; all of them must give the same columns.
    @discardableResult
    public func insert(
        into table: TableDeclaration, rows: [[String: SQLValue]], returning: [String] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(.insert(into: table, rows: rows, returning: returning))
    }

    /// Inserts one row, or updates the one that has the same `conflict` columns.
    ///
    /// - Parameters:
    ///   - conflict: The columns of a unique index.
    ///   - update: The columns that take the new values then; none: the row that is there stays as it is.
    @discardableResult
    public func upsert(
        into table: TableDeclaration, _ values: [String: SQLValue], conflict: [String], update: [String],
        returning: [String] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(
            .upsert(into: table, rows: [values], conflict: conflict, update: update, returning: returning))
    }

    /// Inserts or updates several rows in one statement; all of them must give the same columns.
    @discardableResult
    public func upsert(
        into table: TableDeclaration, rows: [[String: SQLValue]], conflict: [String], update: [String],
        returning: [String] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(.upsert(into: table, rows: rows, conflict: conflict, update: update, returning: returning))
    }

    /// Sets columns of the rows that meet a condition; `nil` means every row.
    @discardableResult
    public func update(
        _ table: TableDeclaration, set values: [String: SQLValue], where condition: Condition?,
        returning: [String] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(.update(table, set: values, where: condition, returning: returning))
    }

    /// Deletes the rows that meet a condition; `nil` means every row.
    @discardableResult
    public func delete(
        from table: TableDeclaration, where condition: Condition?, returning: [String] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(.delete(from: table, where: condition, returning: returning))
    }

    /// Reads rows; no columns means all that are declared.
    public func select(
        from table: TableDeclaration, columns: [String] = [], where condition: Condition? = nil,
        orderBy ordering: [Ordering] = [], limit: Int? = nil, offset: Int? = nil
    ) throws(DoubleWriteError) -> ResultSet {
        try run(
            .select(
                from: table, columns: columns, where: condition, orderBy: ordering, limit: limit,
                offset: offset))
    }

    /// Counts the rows that meet a condition.
    public func count(
        in table: TableDeclaration, where condition: Condition? = nil
    ) throws(DoubleWriteError) -> Int {
        try run(.count(in: table, where: condition)).scalar?.integer.map { Int($0) } ?? 0
    }

    /// Writes with SQL of the application's own; see
    /// ``Request/write(to:preferred:fallback:contracted:parameters:)``.
    @discardableResult
    public func write(
        to table: TableDeclaration, preferred: String, fallback: String, contracted: String? = nil,
        parameters: [SQLValue] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(
            .write(
                to: table, preferred: preferred, fallback: fallback, contracted: contracted,
                parameters: parameters))
    }

    /// Reads with SQL of the application's own; see ``Request/read(from:preferred:fallback:parameters:)``.
    public func read(
        from table: TableDeclaration, preferred: String, fallback: String, parameters: [SQLValue] = []
    ) throws(DoubleWriteError) -> ResultSet {
        try run(.read(from: table, preferred: preferred, fallback: fallback, parameters: parameters))
    }
}
