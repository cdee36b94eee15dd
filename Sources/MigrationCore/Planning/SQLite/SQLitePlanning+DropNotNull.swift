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
        let relief = Relief.null(in: column.name, of: table, dialect)
        relief.addFirst(to: &draft)
        let edits = clauses.map { TableEdit.remove($0, column: column.name) }
        var step = edit(
            "let '\(column.name)' be NULL", "The release that writes NULL goes out after this phase.", edits,
            of: table, definition)
        step.settlesFirst = true
        step.undo =
            relief.undo + [
                editBack(
                    "make '\(column.name)' NOT NULL again", "", edits, of: table, definition,
                    verification: relief.demand.verification)
            ]
        draft.add(.expand, "nullable", step)
    }
}
