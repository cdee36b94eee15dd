import DoubleWrite

/// The steps of a rename in place, which are the same in every dialect.
struct RenameInPlace {
    let operation: RenameColumn
    let dialect: Dialect
    let lock: Lock
    /// The statement that renames one column to another.
    let rename: (String, String) -> String

    func add(to draft: inout OperationDraft) {
        draft.warnings.append(
            "Only applications that know both names live through the rename. Whoever else uses '\(operation.from)' of "
                + "'\(operation.table)' (a person at a prompt, a function, a scheduled job) gets an error from then on."
        )
        draft.add(
            .doubleWrite, "release",
            Step(
                "every application knows both names",
                "Release every application with the change '\(operation.changeID)' declared in its double-write helper, "
                    + "written against the new name '\(operation.to)'. The helper asks the database which of the two names "
                    + "the column has now. (An application without the helper does the same by code of its own.)",
                .release(Release(needs: .both))))
        draft.add(
            .transition, "rename",
            Step(
                "rename '\(operation.from)' to '\(operation.to)'",
                "One change of the catalogue, whatever the number of rows; the helper's stage becomes 'new' in the same "
                    + "transaction. A statement that was built for the old name is sent again with the new one.",
                change(operation.from, operation.to, .new), lock: lock, settlesFirst: true,
                undo: [
                    Step(
                        "rename '\(operation.to)' to '\(operation.from)' again",
                        "The helper's stage becomes 'old' in the same transaction.",
                        change(operation.to, operation.from, .old), lock: lock, settlesFirst: true)
                ]))
        draft.add(
            .contract, "done", rank: .drop,
            Step(
                "record that the rename is finished",
                "The stage becomes 'done' and is kept for ever, so that nobody takes an old '\(operation.from)' for this "
                    + "one. Nothing changes in the table.",
                .flip(StageFlip(change: operation.changeID, stage: .done)), settlesFirst: true,
                isReversible: false))
        draft.lossReason = "the change is recorded as done; another rename would bring the old name back"
    }

    private func change(_ from: String, _ to: String, _ stage: Stage) -> Action {
        .statements(
            on: operation.table, [rename(from, to)], flip: StageFlip(change: operation.changeID, stage: stage)
        )
    }
}
