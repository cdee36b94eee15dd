import DoubleWrite

/// `drop_not_null`, in SQLite: only the table's stored text changes.
extension SQLitePlanning {
    func plan(_ operation: DropNotNull, into draft: inout OperationDraft) {
        touch([operation.column], of: operation.table, into: &draft)
        guard let table = context.table(operation.table, into: &draft),
            let column = context.column(operation.column, of: table, path: "column", into: &draft),
            let definition = definition(of: table, into: &draft)
        else { return }
        let clauses =
            definition.column(column.name)?.clauses.filter {
                if case .notNull = $0.content { true } else { false }
            } ?? []
        guard !clauses.isEmpty else {
            draft.refuse(
                "column",
                column.isNullable
                    ? "'\(column.name)' of '\(table.name)' may be NULL already; nothing would change"
                    : "'\(column.name)' is never NULL because it is in the primary key of '\(table.name)'")
            return
        }
        guard !(table.isWithoutRowID && table.primaryKey.contains(column.name)) else {
            draft.refuse(
                "column", "'\(column.name)' is never NULL because it is in the primary key of '\(table.name)'"
            )
            return
        }
        warnOfText(of: table, into: &draft)
        let edits = clauses.map { TableEdit.remove($0, column: column.name) }
        var step = edit(
            "let '\(column.name)' be NULL",
            "A release that cannot read NULL there must be gone before the first one writes it.", edits,
            of: table, definition)
        let none = noNull(in: [column.name], of: table)
        step.undo = [
            noNullRelease(column.name, table),
            count(
                "count the rows in which '\(column.name)' is NULL", "Any such row stops the undo here.", none),
            editBack(
                "make '\(column.name)' NOT NULL again", "", edits, of: table, definition, verification: none),
        ]
        draft.add(.expand, "nullable", step)
    }
}
