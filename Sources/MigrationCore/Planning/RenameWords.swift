import DoubleWrite

/// The sentences about a rename by way of a second column that are the same for every dialect.
struct RenameWords {
    let table: TableName
    let old: String
    let new: String
    let change: ChangeID

    init(_ operation: RenameColumn) {
        table = operation.table
        old = operation.from
        new = operation.to
        change = operation.changeID
    }

    var doubleWriteRelease: Step {
        Step(
            "every application writes \(table) by way of the change '\(change)'",
            "Release every application with the change '\(change)' declared in its double-write helper, written against "
                + "the new name '\(new)'. The column does not exist yet: the helper writes and reads '\(old)' until it "
                + "does, and both from then on. (An application without the helper does the same by code of its own.) "
                + "Attest each application when its last instance of the release before is gone.",
            .release(Release(needs: .both)))
    }

    var readNewRelease: Step {
        Step(
            "applications with code of their own read '\(new)'",
            "The helper reads '\(new)' by now and needs nothing. An application that double-writes by its own code "
                + "is released so that it reads '\(new)' and still writes both columns, and attested as both-read-new.",
            .release(Release(needs: .bothReadNew)),
            undo: [
                Step(
                    "applications with code of their own read '\(old)' again",
                    "The helper follows by itself. An application that reads '\(new)' by its own code goes back to "
                        + "reading '\(old)' and writing both, and is attested as both.",
                    .release(Release(needs: .both)))
            ])
    }

    var newRelease: Step {
        Step(
            "applications with code of their own leave '\(old)' alone",
            "The helper writes only '\(new)' by now and needs nothing. An application that double-writes by its own "
                + "code is released so that it neither reads nor writes '\(old)', and attested as new.",
            .release(Release(needs: .new)),
            undo: [
                Step(
                    "applications with code of their own write both columns again",
                    "The helper follows by itself. An application that writes only '\(new)' by its own code goes back "
                        + "to writing both and reading '\(new)', and is attested as both-read-new.",
                    .release(Release(needs: .bothReadNew)))
            ])
    }

    var soak: Step {
        Step(
            "wait before '\(old)' is dropped",
            "Whoever still uses '\(old)' fails loudly now, while its values still exist and the change can be undone.",
            .soak)
    }

    /// `flip to 'both-read-new'` where nothing else happens in that transaction.
    func flip(_ stage: Stage) -> Action { .flip(StageFlip(change: change, stage: stage)) }

    /// Who writes the table and is not told of the second column.
    var uncoveredWriters: String {
        "Only applications that are attested write both columns. Whoever else writes '\(table)' (a person at a prompt, "
            + "a function, a scheduled job, a script with a superuser's rights) writes only '\(old)': the backfill "
            + "heals that until the transition begins, and from then on such a write is lost."
    }

    var loss: String { "the values of '\(old)' are dropped" }
}
