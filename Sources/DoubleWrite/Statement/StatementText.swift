/// A statement in the making: the pieces that bind values, and the values bound so far.
struct StatementText {
    let shape: TableShape
    private(set) var parameters: [SQLValue] = []

    /// Whether the condition that is being written stands inside of a negation, where false and unknown differ.
    private var isNegated = false

    init(shape: TableShape) { self.shape = shape }

    var dialect: Dialect { shape.dialect }

    /// A value as the next parameter.
    ///
    /// PostgreSQL guesses a parameter's type from where it stands, and guesses text in a list of values, so every
    /// one is cast. SQLite's columns convert what they are given.
    mutating func bind(_ value: SQLValue, as type: String) -> String {
        parameters.append(value)
        let parameter = dialect.parameter(parameters.count)
        return switch dialect {
        case .postgres: "CAST(\(parameter) AS \(type))"
        case .sqlite: parameter
        }
    }

    /// A value as the next parameter, as its column will hold it where other values are made of it.
    mutating func bindStored(_ value: SQLValue, _ column: TableDeclaration.Column) -> String {
        let parameter = bind(value, as: column.parameterType)
        guard let (change, position) = shape.change(of: column.name), change.isComputed else {
            return parameter
        }
        if dialect == .postgres, storedType(of: column.type) == column.parameterType { return parameter }
        return change.stored(parameter, change.spoken, position)
    }

    /// A value as the next parameter, to be compared with a column.
    private mutating func bindCompared(_ value: SQLValue, _ column: ColumnReference) throws(RequestProblem)
        -> String
    {
        let declared = try shape.table.column(column.name)
        let parameter = bind(value, as: declared.parameterType)
        // SQLite converts a value to the type of the column that it is compared with, if it is one.
        guard dialect == .sqlite, let (change, position) = shape.change(of: column.name),
            change.isReadComputed
        else { return parameter }
        return change.stored(parameter, change.spoken, position)
    }

    /// `WHERE` with a condition and a guard.
    mutating func whereClause(_ condition: Condition?, guard: String?) throws(RequestProblem) -> String {
        var parts: [String] = []
        if let condition { parts.append(try sql(condition)) }
        if let `guard` { parts.append(`guard`) }
        return parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ")
    }

    /// A condition as SQL in parentheses.
    mutating func sql(_ condition: Condition) throws(RequestProblem) -> String {
        switch condition {
        case .compare(let column, .equal, .null): return "(\(presence(of: column)) IS NULL)"
        case .compare(let column, .notEqual, .null): return "(\(presence(of: column)) IS NOT NULL)"
        case .compare(let column, .equal, let value) where reference(of: column) != nil:
            return try pointing(column, at: [value])
        case .compare(let column, let comparison, let value):
            let parameter = try bindCompared(value, column)
            return "(\(shape.read(column.name)) \(comparison.rawValue) \(parameter))"
        case .isOne(let column, let values): return try membership(column, values)
        case .like(let column, let pattern):
            return "(\(shape.read(column.name)) LIKE \(bind(.text(pattern), as: "text")))"
        case .all(let conditions): return try join(conditions, by: " AND ", none: "true")
        case .any(let conditions): return try join(conditions, by: " OR ", none: "false")
        case .not(let condition):
            let wasNegated = isNegated
            isNegated = true
            defer { isNegated = wasNegated }
            return "(NOT \(try sql(condition)))"
        }
    }

    /// The reference by which a column's value is found faster than by its value: it has an index. A row without a value
    /// makes this false where the comparison is unknown, which only a negation tells apart.
    private func reference(of column: ColumnReference) -> (LookupTable, column: String)? {
        isNegated ? nil : storedReference(of: column)
    }

    private func storedReference(of column: ColumnReference) -> (LookupTable, column: String)? {
        guard shape.names[column.name] == nil, let (change, _) = shape.change(of: column.name),
            change.isReadComputed, let lookup = change.change.lookup
        else { return nil }
        return change.physicalNames(.new).first.map { (lookup, $0) }
    }

    /// What is NULL where a column is: a value that is referred to, exactly where the reference is.
    private func presence(of column: ColumnReference) -> String {
        storedReference(of: column).map { dialect.quote($0.column) } ?? shape.read(column.name)
    }

    /// Whether a reference points at one of the values.
    private mutating func pointing(
        _ column: ColumnReference, at values: [SQLValue]
    ) throws(RequestProblem) -> String {
        guard let (lookup, reference) = reference(of: column) else { preconditionFailure("no reference") }
        var list: [String] = []
        for value in values { list.append(try bindCompared(value, column)) }
        return "(\(dialect.quote(reference)) IN (\(lookup.keys(of: list, dialect))))"
    }

    private mutating func membership(
        _ column: ColumnReference, _ values: [SQLValue]
    ) throws(RequestProblem) -> String {
        var parts: [String] = []
        let present = values.filter { !$0.isNull }
        if !present.isEmpty, reference(of: column) != nil {
            parts.append(try pointing(column, at: present))
        } else if !present.isEmpty {
            var list: [String] = []
            for value in present { list.append(try bindCompared(value, column)) }
            parts.append("\(shape.read(column.name)) IN (\(list.joined(separator: ", ")))")
        }
        if present.count < values.count { parts.append("\(presence(of: column)) IS NULL") }
        return parts.isEmpty ? "(false)" : "(\(parts.joined(separator: " OR ")))"
    }

    private mutating func join(
        _ conditions: [Condition], by separator: String, none: String
    ) throws(RequestProblem) -> String {
        var parts: [String] = []
        for condition in conditions { parts.append(try sql(condition)) }
        return parts.isEmpty ? "(\(none))" : "(\(parts.joined(separator: separator)))"
    }
}
