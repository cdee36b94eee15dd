import DoubleWrite

/// Triggers by which a retired table lets go of the rows that it points at.
struct SQLiteReleases {
    private let dialect = Dialect.sqlite
    private let table: Table
    private let retired: TableName
    private let keys: [(number: Int, key: ForeignKey)]

    init(of table: Table, retired: TableName, in schema: Schema) {
        self.table = table
        self.retired = retired
        keys = table.foreignKeys.enumerated()
            .filter { !Dialect.sqlite.sameTable($0.element.target.table, table.name) }
            .map { ($0.offset + 1, $0.element.naming(schema)) }
            // What points at nothing holds nothing.
            .filter { !$0.1.target.columns.isEmpty }
        selfKeys = table.foreignKeys.filter { Dialect.sqlite.sameTable($0.target.table, table.name) }
            .map { $0.naming(schema) }
    }

    /// The keys that point at other rows of the table.
    private let selfKeys: [ForeignKey]

    /// Whether rows go, because they cannot be without what they point at.
    var takesRows: Bool {
        keys.contains { !$0.key.target.onDelete.writes && openColumns(of: $0.key).isEmpty }
    }

    /// Whoever has an action of its own (CASCADE, SET NULL) lets go by itself.
    var create: [String] {
        keys.flatMap { number, key in
            (key.target.onDelete.writes ? [] : [trigger(number, key, on: "DELETE", letGo(key))])
                + (key.target.onUpdate.writes ? [] : [trigger(number, key, on: "UPDATE", [follow(key)])])
        }
    }

    var drop: [String] {
        keys.flatMap { number, key in
            (key.target.onDelete.writes ? [] : [name(number, "DELETE")])
                + (key.target.onUpdate.writes ? [] : [name(number, "UPDATE")])
        }.map { "DROP TRIGGER \(dialect.quote(TableName(schema: retired.schema, $0)))" }
    }

    private var quoted: String { dialect.quote(retired.name) }

    /// The columns that can say that a row points at nothing.
    private func openColumns(of key: ForeignKey) -> [String] {
        key.columns.filter { table.column($0)?.isNullable == true && !table.primaryKey.contains($0) }
    }

    private func letGo(_ key: ForeignKey) -> [String] {
        let open = openColumns(of: key)
        guard open.isEmpty else { return ["UPDATE \(quoted) SET \(nulls(open)) WHERE \(points(key))"] }
        return selfKeys.filter { !$0.target.onDelete.writes }.map { own in
            let parent = dialect.quote("_bellows_parent")
            let same = zip(own.columns, own.target.columns).map {
                "\(parent).\(dialect.quote($1)) = \(quoted).\(dialect.quote($0))"
            }
            return
                "UPDATE \(quoted) SET \(nulls(openColumns(of: own))) WHERE EXISTS (SELECT 1 FROM \(quoted) AS \(parent) "
                + "WHERE \((same + [points(key, parent + ".")]).joined(separator: " AND ")))"
        } + ["DELETE FROM \(quoted) WHERE \(points(key))"]
    }

    private func follow(_ key: ForeignKey) -> String {
        let list = zip(key.columns, key.target.columns).map {
            "\(dialect.quote($0)) = NEW.\(dialect.quote($1))"
        }
        return "UPDATE \(quoted) SET \(list.joined(separator: ", ")) WHERE \(points(key))"
    }

    private func nulls(_ columns: [String]) -> String {
        columns.map { "\(dialect.quote($0)) = NULL" }.joined(separator: ", ")
    }

    private func points(_ key: ForeignKey, _ prefix: String = "") -> String {
        zip(key.columns, key.target.columns)
            .map { "\(prefix)\(dialect.quote($0)) = OLD.\(dialect.quote($1))" }.joined(separator: " AND ")
    }

    private func name(_ number: Int, _ event: String) -> String {
        "_bellows_let_go_\(number)_\(event.lowercased())_\(retired.name)"
    }

    private func trigger(_ number: Int, _ key: ForeignKey, on event: String, _ statements: [String]) -> String
    {
        let name = dialect.quote(TableName(schema: retired.schema, name(number, event)))
        let columns = event == "UPDATE" ? " OF \(dialect.quote(key.target.columns))" : ""
        let body = statements.map { $0 + "; " }.joined()
        return
            "CREATE TRIGGER \(name) BEFORE \(event)\(columns) ON \(dialect.quote(key.target.table.name)) BEGIN \(body)END"
    }
}

extension ForeignKey {
    /// The key with the columns that it points at, also where it names none: those of the primary key.
    fileprivate func naming(_ schema: Schema) -> ForeignKey {
        var key = self
        if key.target.columns.isEmpty { key.target.columns = schema[key.target.table]?.primaryKey ?? [] }
        return key
    }
}
