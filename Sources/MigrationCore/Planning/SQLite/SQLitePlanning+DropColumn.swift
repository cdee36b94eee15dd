import DoubleWrite

/// `drop_column`, in SQLite, as far as `ALTER TABLE` reaches.
extension SQLitePlanning {
    func plan(_ operation: DropColumn, into draft: inout OperationDraft) {
        guard let (table, column) = context.check(operation, into: &draft) else { return }
        refuseDrop(of: column, in: table, into: &draft)
        let indexes = table.indexes.filter { $0.columns.contains(column.name) }
        // Rows without a value get the default, or NULL: that may stand twice where other columns count as well, or
        // where it is not NULL.
        let early = indexes.filter { $0.isUnique && ($0.columns.count > 1 || column.defaultValue != nil) }
        if !early.isEmpty {
            draft.add(.expand, "relax", dropUnique(early, of: column, in: table))
        }
        let late = indexes.filter { !early.contains($0) }
        let steps = DropColumnSteps(
            table: table.name, column: column.name, dialect: dialect, lock: .reserved(),
            goesAlong: late.map { "the index '\($0.name)'" })
        steps.addRelease(returns: !early.isEmpty, to: &draft)
        steps.addContract(
            drop: late.map { Index.sqliteDrop($0.name, on: table.name) },
            dropLock: .reserved("while the rows are written anew"), rewrites: true, to: &draft)
    }

    private func refuseDrop(of column: Column, in table: Table, into draft: inout OperationDraft) {
        if table.kind != .ordinary {
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words), whose columns SQLite does not drop")
        }
        if !column.isNullable, column.defaultValue.map(SQLiteLiteral.isNull) ?? true, column.generated == nil
        {
            draft.refuse(
                "column",
                "'\(column.name)' is NOT NULL without a default, which SQLite cannot change: a release that leaves the "
                    + "column out could not insert a row")
        }
        refuseConstraints(on: column.name, in: table, advice: "drop the column before that", into: &draft)
        refuseDependents(
            of: column.name, in: table, advice: "change it so that it does without", into: &draft)
    }

    private func dropUnique(_ indexes: [Index], of column: Column, in table: Table) -> Step {
        Step(
            "drop what keeps '\(column.name)' unique",
            "The next release leaves '\(column.name)' out, and the value that a row gets without it may stand twice.",
            .statements(on: table.name, indexes.map { Index.sqliteDrop($0.name, on: table.name) }),
            lock: .reserved(), undo: indexes.map { build($0, in: table) })
    }

    private func build(_ index: Index, in table: Table) -> Step {
        Step(
            "build '\(index.name)' again", "Writers wait as long as it takes, readers do not.",
            .statements(
                on: table.name,
                [
                    Index.sqliteDrop(index.name, on: table.name),
                    index.sqliteStatement(named: index.name, on: table.name),
                ]), lock: .reserved("while the index is built"), scans: true)
    }
}
