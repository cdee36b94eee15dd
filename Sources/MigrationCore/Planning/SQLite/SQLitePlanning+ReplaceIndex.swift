import DoubleWrite

/// `replace_index`, in SQLite: one transaction, for which writers wait; readers have the old one until it commits.
extension SQLitePlanning {
    func plan(_ operation: ReplaceIndex, into draft: inout OperationDraft) {
        guard let table = context.table(operation.new.table, into: &draft),
            let old = context.index(operation.old, of: table, path: "index", into: &draft)
        else {
            draft.touch(operation.new.table, [], dialect)
            return
        }
        var rest = context
        rest.schema[table.name]?.indexes.removeAll { $0.name == old.name }
        guard rest.check(operation.new, into: &draft) != nil else { return }
        draft.touches += old.columns.sorted().map {
            TouchedColumn(table: dialect.normalized(table.name), column: $0)
        }
        if table.kind != .ordinary {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which has no indexes of its own")
        }
        context.refuseServed(old, of: table, path: "index", into: &draft)
        let shared = ReplaceIndexSteps(
            operation: operation, old: old, table: table, dialect: dialect)
        shared.addDemand(to: &draft)
        let new = Index(
            name: operation.new.name, isUnique: operation.new.isUnique,
            definition: operation.new.definition(dialect), columns: [])
        let back = swap(new, old, "put the index '\(old.name)' back", in: table)
        draft.add(
            shared.relaxes ? .contract : .expand, "replace-index",
            swap(
                old, new, "replace the index '\(old.name)' of '\(table.name)'", in: table,
                undo: shared.beforeReturn + [back]))
        shared.addRelief(to: &draft)
    }

    private func swap(_ old: Index, _ new: Index, _ title: String, in table: Table, undo: [Step] = []) -> Step
    {
        Step(
            title,
            "In one transaction: writers wait for it as long as the index is built, readers do not, and no query is "
                + "without one of the two.",
            .statements(
                on: table.name,
                [
                    Index.sqliteDrop(old.name, on: table.name),
                    new.sqliteStatement(named: new.name, on: table.name),
                ]), lock: .reserved("while the index is built"), scans: true, undo: undo)
    }
}

extension Lock {
    /// What a read of the file takes.
    static let reads = Lock(
        mode: "SHARED", object: "the database file", duration: "while the rows are counted")
}
