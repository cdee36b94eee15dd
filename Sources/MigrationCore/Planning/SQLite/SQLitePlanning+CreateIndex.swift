import DoubleWrite

/// `create_index`, in SQLite: in one transaction, for which writers wait.
extension SQLitePlanning {
    func plan(_ operation: CreateIndex, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        if table.kind != .ordinary {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which has no indexes of its own")
        }
        probe(operation, of: table, into: &draft)
        if operation.isUnique {
            let demand = NewDemand.unique(operation, of: table, dialect)
            demand.addFirst(to: &draft)
            demand.addAgain(to: &draft)
        }
        draft.add(.expand, "create-index", step(for: operation, on: table.name))
    }

    /// Has the database read the expressions of a new index, on a table that has the same columns and no rows.
    func probe(_ operation: CreateIndex, of table: Table, into draft: inout OperationDraft) {
        let columns = table.columns.map { "\(dialect.quote($0.name)) \($0.type)" }
        let first = dialect.quote(table.columns.first?.name ?? "")
        let create = "CREATE TABLE `_bellows_probe` (\(columns.joined(separator: ", ")))"
        let index = "CREATE INDEX `_bellows_probe_index` ON `_bellows_probe`"
        context.probe(
            operation, of: table, { [create, "\(index) (\($0.parenthesized))"] },
            { [create, "\(index) (\(first)) WHERE \($0.parenthesized)"] }, into: &draft)
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
