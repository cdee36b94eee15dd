import DoubleWrite

/// The steps of `rename_table` that are the same in every dialect but for their statements and locks.
struct RenameTableSteps {
    let table: TableName
    let new: TableName
    let dialect: Dialect
    let lock: Lock
    /// What makes the old name a view of the table under its new one.
    let createView: [String]
    /// What the old name cannot do any more, in a sentence.
    let limits: String

    private var dropView: String { "DROP VIEW \(dialect.quote(table))" }

    func add(to draft: inout OperationDraft) {
        draft.warnings.append(limits)
        draft.add(
            .expand, "rename",
            Step(
                "rename '\(table)' to '\(new)', and make '\(table)' a view of it",
                "In one transaction, whatever the number of rows: the release before goes on reading and writing under the "
                    + "old name. The release that uses '\(new)' goes out after this phase.",
                .statements(on: table, [rename(table, to: new)] + createView), lock: lock,
                undo: [
                    Step(
                        "give '\(new)' the name '\(table)' back",
                        "The view goes in the same transaction. Whoever uses '\(new)' gets an error from here.",
                        .statements(on: table, [dropView, rename(new, to: table)]), lock: lock)
                ]))
        draft.add(
            .transition, "release", rank: .newGate,
            Step(
                "no application uses the name '\(table)' any more",
                "Release every application with '\(new)' in its statements. Attest each when its last instance of the "
                    + "release before is gone.", .release(Release(needs: .new)),
                undo: [
                    .releaseBack(
                        "every application uses the name '\(table)' again",
                        "Roll the releases back that use '\(new)'.")
                ]))
        draft.add(
            .contract, "drop-view", rank: .drop,
            Step(
                "drop the view '\(table)'",
                "Whoever still uses the old name gets an error from here. No row is lost.",
                .statements(on: table, [dropView]), lock: lock, settlesFirst: true,
                undo: [
                    Step(
                        "make '\(table)' a view of '\(new)' again", "",
                        .statements(on: table, createView), lock: lock)
                ]))
    }

    private func rename(_ from: TableName, to: TableName) -> String {
        "ALTER TABLE \(dialect.quote(from)) RENAME TO \(dialect.quote(to.name))"
    }
}

extension PlanningContext {
    /// What every rename of a table is checked for. Returns the table and its new name.
    func check(_ operation: RenameTable, into draft: inout OperationDraft) -> (table: Table, new: TableName)?
    {
        let new = TableName(schema: operation.table.schema, operation.to)
        draft.touch(operation.table, [], dialect)
        draft.touch(new, [], dialect)
        checkName(operation.to, path: "to", into: &draft)
        guard let table = table(operation.table, into: &draft) else { return nil }
        if dialect.sameName(table.name.name, operation.to) {
            draft.refuse(
                "to",
                "'\(operation.to)' is the table's name already, as the database reads it; nothing would be renamed"
            )
        } else {
            checkFreeObject(new, path: "to", into: &draft)
        }
        let prefix = "\(dialect.normalized(table.name))."
        let finished = finishedChanges.map(\.name).filter { $0.hasPrefix(prefix) }.sorted()
        if !finished.isEmpty {
            draft.warnings.append(
                "Applications that still declare the finished changes \(finished.words) know them by the table's old name: "
                    + "take the declarations out before they use '\(new)', or keep the changes' names in them."
            )
        }
        return (table, dialect.normalized(new))
    }
}
