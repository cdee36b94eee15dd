import DoubleWrite

/// `set_not_null`, in SQLite: the rows without a value are filled or counted, then the table's stored text is written anew.
extension SQLitePlanning {
    func plan(_ operation: SetNotNull, into draft: inout OperationDraft) {
        touch([operation.column], of: operation.table, into: &draft)
        guard let table = context.table(operation.table, into: &draft),
            let column = context.column(operation.column, of: table, path: "column", into: &draft),
            let definition = definition(of: table, into: &draft)
        else { return }
        guard column.isNullable else {
            draft.refuse(
                "column", "'\(column.name)' of '\(table.name)' is NOT NULL already; nothing would change")
            return
        }
        if let fill = operation.fill { checkFill(fill, of: column, in: table, into: &draft) }
        warnOfText(of: table, into: &draft)
        let demand = NewDemand.notNull(column.name, of: table, dialect)
        demand.addFirst(to: &draft, countsFirst: operation.fill == nil)
        if let fill = operation.fill?[dialect] { addFill(fill, of: column, in: table, to: &draft) }
        demand.addAgain(to: &draft)
        let edits = [TableEdit.add(.init(.notNull(conflict: nil)), column: column.name)]
        var step = edit(
            "make '\(column.name)' NOT NULL", "", edits, of: table, definition,
            verification: demand.verification)
        step.undo = [editBack("let '\(column.name)' be NULL again", "", edits, of: table, definition)]
        draft.add(.expand, "not-null", step)
    }

    private func checkFill(
        _ fill: PerDialect, of column: Column, in table: Table, into draft: inout OperationDraft
    ) {
        context.checkText(fill, what: "the fill of '\(column.name)'", path: "fill", into: &draft)
        if table.sqliteKey == nil {
            draft.refuse(
                "fill",
                "'\(table.name)' has no key by which its rows could be filled in batches; fill them by hand")
        }
        guard let text = fill[dialect] else { return }
        draft.probe(
            "fill", "the fill of '\(column.name)'",
            ["SELECT \(text.parenthesized) FROM \(dialect.quote(table.name)) LIMIT 0"],
            advice: "write an expression over the columns of '\(table.name)'")
    }

    private func addFill(_ fill: String, of column: Column, in table: Table, to draft: inout OperationDraft) {
        let quoted = dialect.quote(column.name)
        draft.add(
            .expand, "fill",
            Step(
                "fill '\(column.name)' where it is NULL",
                "In small batches, between the writers. An undo leaves the values where they are. The table's own triggers fire.",
                .backfill(
                    Backfill(
                        table: TableName(table.name.name), assignments: "\(quoted) = \(fill.parenthesized)",
                        mismatch: "\(quoted) IS NULL AND \(fill.parenthesized) IS NOT NULL",
                        key: table.sqliteKey ?? [])),
                lock: .reserved("a batch at a time"), scans: true, rewrites: true, settlesFirst: true))
    }
}
