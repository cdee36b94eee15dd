import DoubleWrite

/// `create_index`, in SQLite: in one transaction, for which writers wait.
extension SQLitePlanning {
    func plan(_ operation: CreateIndex, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        if table.kind != .ordinary {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which has no indexes of its own")
        }
        draft.add(.expand, "create-index", step(for: operation, on: table.name))
    }

    /// The step that builds an index.
    func step(for operation: CreateIndex, on table: TableName) -> Step {
        let index = Index(
            name: operation.name, isUnique: operation.isUnique, definition: operation.definition(dialect),
            columns: [])
        return Step(
            "build the index '\(operation.name)' on '\(table)'",
            "SQLite builds it in one transaction: writers wait for it as long as that takes, readers do not."
                + (operation.isUnique ? " Rows that are not unique end it with an error." : ""),
            .statements(on: table, [index.sqliteStatement(named: index.name, on: table)]),
            lock: .reserved("while the index is built"), scans: true,
            undo: [
                Step(
                    "drop the index '\(operation.name)' of '\(table)'", "",
                    .statements(on: table, [Index.sqliteDrop(operation.name, on: table)]), lock: .reserved())
            ])
    }
}

extension Index {
    /// `CREATE INDEX` for it, under a name and of columns that may be others. A schema stands before the index's name.
    func sqliteStatement(named name: String, on table: TableName, renaming columns: [String: String] = [:])
        -> String
    {
        let dialect = Dialect.sqlite
        let qualified = dialect.quote(TableName(schema: table.schema, name))
        return "CREATE \(isUnique ? "UNIQUE INDEX" : "INDEX") \(qualified) ON \(dialect.quote(table.name)) "
            + definition.sql(dialect, renaming: columns)
    }

    /// `DROP INDEX IF EXISTS` for an index of `table`.
    static func sqliteDrop(_ name: String, on table: TableName) -> String {
        "DROP INDEX IF EXISTS \(Dialect.sqlite.quote(TableName(schema: table.schema, name)))"
    }
}
