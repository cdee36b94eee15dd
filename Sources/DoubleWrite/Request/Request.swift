/// What an application wants of one table, in the table's new shape.
public struct Request: Sendable, Hashable {
    /// The table.
    public let table: TableDeclaration

    let operation: Operation

    /// The kinds of requests.
    enum Operation: Sendable, Hashable {
        case insert(Insertion)
        case update(set: [String: SQLValue], condition: Condition?, returning: [String])
        case delete(condition: Condition?, returning: [String])
        case select(Selection)
        case count(condition: Condition?)
        case write(BareForm)
        case read(BareForm)
    }

    /// Rows to insert.
    struct Insertion: Sendable, Hashable {
        var rows: [[String: SQLValue]]
        var conflict: Conflict?
        var returning: [String]
    }

    /// What an insertion does with a row that is there already.
    struct Conflict: Sendable, Hashable {
        /// The columns with a unique index by which a row is known.
        var columns: [String]

        /// The columns that take the new row's values; none: the row stays as it is.
        var update: [String]
    }

    /// A query.
    struct Selection: Sendable, Hashable {
        var columns: [String]
        var condition: Condition?
        var ordering: [Ordering]
        var limit: Int?
        var offset: Int?
    }

    /// Statements of the application's own.
    struct BareForm: Sendable, Hashable {
        var preferred: String
        var fallback: String
        var contracted: String?
        var parameters: [SQLValue]
    }
}

extension Request {
    /// Rows to insert; all of them must give the same columns, and of a change either all columns or none.
    ///
    /// Columns that are not given get their default.
    public static func insert(
        into table: TableDeclaration, rows: [[String: SQLValue]], returning: [String] = []
    ) -> Request {
        Request(
            table: table, operation: .insert(Insertion(rows: rows, conflict: nil, returning: returning)))
    }

    /// Rows to insert, or to update where a row with the same `conflict` columns is there.
    ///
    /// A value that does not survive its change is refused even where the row that is there would have kept its own.
    ///
    /// - Parameters:
    ///   - conflict: The columns of a unique index; of a change all or none, and none of one whose `down` is lossy.
    ///   - update: The columns that take the new values then; none: the row that is there stays as it is.
    public static func upsert(
        into table: TableDeclaration, rows: [[String: SQLValue]], conflict: [String], update: [String],
        returning: [String] = []
    ) -> Request {
        let conflict = Conflict(columns: conflict, update: update)
        return Request(
            table: table, operation: .insert(Insertion(rows: rows, conflict: conflict, returning: returning)))
    }

    /// Columns to set in the rows that meet a condition; no condition means every row.
    ///
    /// Of a change some columns may be set: the others stay what they are in the row that is written.
    public static func update(
        _ table: TableDeclaration, set: [String: SQLValue], where condition: Condition?,
        returning: [String] = []
    ) -> Request {
        Request(table: table, operation: .update(set: set, condition: condition, returning: returning))
    }

    /// Rows to delete; no condition means every row.
    public static func delete(
        from table: TableDeclaration, where condition: Condition?, returning: [String] = []
    ) -> Request {
        Request(table: table, operation: .delete(condition: condition, returning: returning))
    }

    /// Rows to read; no columns means all that are declared.
    public static func select(
        from table: TableDeclaration, columns: [String] = [], where condition: Condition? = nil,
        orderBy ordering: [Ordering] = [], limit: Int? = nil, offset: Int? = nil
    ) -> Request {
        let selection = Selection(
            columns: columns.isEmpty ? table.columns.map(\.name) : columns, condition: condition,
            ordering: ordering, limit: limit, offset: offset)
        return Request(table: table, operation: .select(selection))
    }

    /// The number of rows that meet a condition, as the one value of one row.
    public static func count(in table: TableDeclaration, where condition: Condition? = nil) -> Request {
        Request(table: table, operation: .count(condition: condition))
    }

    /// A write in the application's own SQL, for what the other requests cannot say.
    ///
    /// A table with a change that keeps a column's name takes no such statement: one name means two columns there.
    ///
    /// `{fence}` stands for a condition that is false once the statement has become the wrong one; it belongs into
    /// the `WHERE` of every part that writes. The `fallback` is refused without it, and the others ought to have it.
    /// A statement that writes nothing is taken for refused, so the database is looked at again before zero rows
    /// are reported.
    ///
    /// - Parameters:
    ///   - table: The table whose changes decide which statement is sent.
    ///   - preferred: Writes the old column and the new one.
    ///   - fallback: Writes the old column alone, because the new one is missing.
    ///   - contracted: Writes the new column alone, because the old one is gone or about to go.
    ///   - parameters: The same for every form, `$1` or `?1` onwards.
    public static func write(
        to table: TableDeclaration, preferred: String, fallback: String, contracted: String? = nil,
        parameters: [SQLValue] = []
    ) -> Request {
        let form = BareForm(
            preferred: preferred, fallback: fallback, contracted: contracted, parameters: parameters)
        return Request(table: table, operation: .write(form))
    }

    /// A query in the application's own SQL, for what the other requests cannot say.
    ///
    /// Both forms need `{fence}` in their `WHERE`, or in their `HAVING` where they aggregate: a query that finds
    /// nothing is taken for refused, so the database is looked at again before an empty answer is reported.
    ///
    /// - Parameters:
    ///   - preferred: Reads the new column.
    ///   - fallback: Reads the old column, because the new one is missing or not yet the truth.
    public static func read(
        from table: TableDeclaration, preferred: String, fallback: String, parameters: [SQLValue] = []
    ) -> Request {
        let form = BareForm(preferred: preferred, fallback: fallback, contracted: nil, parameters: parameters)
        return Request(table: table, operation: .read(form))
    }
}
