import DoubleWrite

/// The sentences about a column that moves to another table, the same for every dialect.
struct MoveColumnWords {
    let operation: MoveColumn

    private var change: ChangeID { operation.changeID }
    /// `'animals.chip'`
    var old: String { "'\(operation.table).\(operation.column)'" }
    /// `'chips.code'`
    var new: String { "'\(operation.toTable).\(operation.to)'" }

    var doubleWriteRelease: Step {
        Step(
            "every application writes '\(operation.toTable)' by way of the change '\(change)'",
            "Release every application with the change '\(change)' declared in its double-write helper, written against "
                + "\(new). The column does not exist yet: the helper writes and reads \(old) until it does, and both from "
                + "then on. No application mentions \(old) any more. (An application without the helper does the same by "
                + "code of its own: both tables in one transaction, '\(operation.table)' first.) Attest each application "
                + "when its last instance of the release before is gone.",
            .release(Release(needs: .both)))
    }

    var readNewRelease: Step { ownCode.readNew }
    var newRelease: Step { ownCode.newOnly }
    private var ownCode: OwnCodeReleases { OwnCodeReleases(old: old, new: new, both: "both tables") }

    var soak: Step {
        Step(
            "wait before \(old) is dropped",
            "Whoever still uses \(old) fails loudly now, while its values still exist and the change can be undone.",
            .soak)
    }

    var addColumn: String {
        "The column is empty and has no default, so only the catalogue changes, whatever the number of rows. In the same "
            + "transaction the helper's stage becomes 'both': from here every write goes to both tables, and \(old) is the "
            + "truth."
    }

    var uncoveredWriters: String {
        "Only applications that are attested write both tables. Whoever else writes \(old) (a person at a prompt, a function, "
            + "a scheduled job, a script with a superuser's rights) is healed by the backfill until the transition begins, "
            + "and from then on such a write is lost."
    }

    var insertedRows: String {
        "Where a row of '\(operation.table)' has a value and no row in '\(operation.toTable)', one is inserted there, with "
            + "NULL in its other columns: by the backfill, or before that by the helper when it writes that row. An undo "
            + "leaves such rows where they are."
    }

    var loss: String { "the values of \(old) are dropped" }
}
