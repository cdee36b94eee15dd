import DoubleWrite

extension SQLiteDefinition {
    /// The `CREATE TABLE` for it, under a name that may be another.
    ///
    /// - Parameter schema: The schema to make it in; a stored text names none.
    public func sql(named name: String, in schema: String? = nil) -> String {
        let dialect = Dialect.sqlite
        let name = schema.map { dialect.quote(TableName(schema: $0, name)) } ?? dialect.quote(name)
        let lines = columns.map(\.sql) + constraints.map(\.sql)
        let options = [isStrict ? "STRICT" : nil, isWithoutRowID ? "WITHOUT ROWID" : nil].compactMap { $0 }
        let tail = options.isEmpty ? "" : " " + options.joined(separator: ", ")
        return
            "CREATE TABLE \(name) (\n    \(lines.joined(separator: ",\n    "))\n)\(tail)"
    }
}

extension SQLiteDefinition.Column {
    var sql: String {
        ([Dialect.sqlite.quote(name), type].filter { !$0.isEmpty } + clauses.map(\.sql)).joined(
            separator: " ")
    }
}

extension SQLiteDefinition.Clause {
    /// The clause as it stands in a definition.
    public var sql: String {
        let dialect = Dialect.sqlite
        return (name.map { "CONSTRAINT \(dialect.quote($0)) " } ?? "") + content.sql
    }
}

extension SQLiteDefinition.Content {
    var sql: String {
        switch self {
        case .notNull(let conflict): "NOT NULL" + Self.conflict(conflict)
        case .null: "NULL"
        case .primaryKey(let key): "PRIMARY KEY" + key.sql
        case .unique(let key): "UNIQUE" + key.sql
        case .check(let condition): "CHECK \(condition.parenthesized)"
        case .defaultValue(let value): "DEFAULT \(value)"
        case .collation(let name): "COLLATE \(Dialect.sqlite.quote(name))"
        case .foreignKey(let reference): reference.sql
        case .generated(let expression, let storage):
            "GENERATED ALWAYS AS \(expression.parenthesized)" + (storage.map { " \($0)" } ?? "")
        }
    }

    static func conflict(_ action: String?) -> String { action.map { " ON CONFLICT \($0)" } ?? "" }
}

extension SQLiteKey {
    fileprivate var sql: String {
        let dialect = Dialect.sqlite
        let list = parts.map { part in
            dialect.quote(part.column) + (part.collation.map { " COLLATE \(dialect.quote($0))" } ?? "")
                + (part.order.map { " \($0)" } ?? "")
        }
        let conflict = SQLiteDefinition.Content.conflict(conflict)
        let counting = isAutoincrement ? " AUTOINCREMENT" : ""
        guard !parts.isEmpty else { return (order.map { " \($0)" } ?? "") + conflict + counting }
        return " (\(list.joined(separator: ", "))\(counting))" + conflict
    }
}

extension SQLiteReference {
    fileprivate var sql: String {
        let dialect = Dialect.sqlite
        let source = columns.isEmpty ? "" : "FOREIGN KEY (\(dialect.quote(columns))) "
        let target = targets.isEmpty ? "" : " (\(dialect.quote(targets)))"
        return ([source + "REFERENCES \(dialect.quote(table))\(target)"] + attributes).joined(separator: " ")
    }
}
