import DoubleWrite

/// `drop_default`, in SQLite: behind a release, only the table's stored text changes.
extension SQLitePlanning {
    func plan(_ operation: DropDefault, into draft: inout OperationDraft) {
        touch([operation.column], of: operation.table, into: &draft)
        guard let (table, column, definition) = defaultColumn(operation.table, operation.column, into: &draft)
        else { return }
        guard
            let old = definition.clause(
                of: column.name, where: { if case .defaultValue = $0 { true } else { false } })
        else {
            draft.refuse("column", "'\(column.name)' of '\(table.name)' has no default; nothing would change")
            return
        }
        warnOfText(of: table, into: &draft)
        let edits = [TableEdit.remove(old, column: column.name)]
        var step = edit(
            "take the default of '\(column.name)' away", Self.oldRows, edits, of: table, definition,
            defaultOf: column.name)
        step.undo = [
            editBack(
                "set the default of '\(column.name)' again", Self.oldRows, edits, of: table, definition,
                defaultOf: column.name)
        ]
        step.settlesFirst = true
        draft.add(.transition, "release", rank: .newGate, GivenValue(column, of: table).release)
        draft.add(.contract, "no-default", step)
    }
}
