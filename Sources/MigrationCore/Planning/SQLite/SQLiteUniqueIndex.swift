import DoubleWrite

/// A plain unique index, which is what `add_unique` makes in SQLite: to the operations on constraints it is the UNIQUE
/// constraint of that name, so that one file does for both databases.
struct SQLiteUniqueIndex {
    let index: Index
    let table: Table
    private let dialect = Dialect.sqlite

    /// `nil` where the table has no such index, or one that is more than a constraint could be.
    init?(_ name: String, of table: Table) {
        guard
            let index = table.indexes.first(where: {
                Dialect.sqlite.sameName($0.name, name) && $0.isUnique && $0.isSimple
            })
        else { return nil }
        self.index = index
        self.table = table
    }

    var columns: [String] { index.keyColumns }

    func addDrop(to draft: inout OperationDraft, _ context: PlanningContext) {
        context.refuseServed(index, of: table, path: "name", into: &draft)
        let relief = Relief.constraint(
            index.name, isIndex: true, of: table,
            until: .returning(
                index.name, [.unique(columns, of: table.name, dialect)], over: columns, of: table, dialect))
        relief.addFirst(to: &draft)
        draft.add(
            .expand, "drop",
            Step(
                "drop the UNIQUE '\(index.name)' of '\(table.name)'",
                "It is an index of that name; no row is read or written.",
                .statements(on: table.name, [Index.sqliteDrop(index.name, on: table.name)]),
                lock: .reserved(), settlesFirst: true,
                undo: relief.undo + [
                    Step(
                        "build '\(index.name)' again", "Writers wait as long as it takes, readers do not.",
                        .statements(
                            on: table.name,
                            [
                                Index.sqliteDrop(index.name, on: table.name),
                                index.sqliteStatement(named: index.name, on: table.name),
                            ]), lock: .reserved("while the index is built"), scans: true)
                ]))
    }

    func addRename(to name: String, _ draft: inout OperationDraft) {
        draft.add(.doubleWrite, "release", RenamedConstraint.release(index.name))
        var step = rename(from: index.name, to: name)
        step.settlesFirst = true
        step.undo = [RenamedConstraint.releaseBack(name), rename(from: name, to: index.name)]
        draft.add(.expand, "rename", step)
    }

    private func rename(from old: String, to new: String) -> Step {
        Step(
            "rename the UNIQUE '\(old)' to '\(new)'",
            "SQLite renames no index: it is built under the other name, and the one before goes, in one transaction, so "
                + "that no write comes between. Writers wait as long as that takes, readers do not.",
            .statements(
                on: table.name,
                [
                    index.sqliteStatement(named: new, on: table.name),
                    Index.sqliteDrop(old, on: table.name),
                ]), lock: .reserved("while the index is built"), scans: true)
    }
}
