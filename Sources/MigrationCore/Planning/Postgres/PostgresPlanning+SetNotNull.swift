import DoubleWrite

/// `set_not_null`, in PostgreSQL: proved by a CHECK that is validated beside the writers.
extension PostgresPlanning {
    func plan(_ operation: SetNotNull, into draft: inout OperationDraft) {
        draft.touch(operation.table, [operation.column], dialect)
        guard let table = context.table(operation.table, into: &draft),
            let column = context.column(operation.column, of: table, path: "column", into: &draft)
        else { return }
        if !column.isNullable, column.mayHoldOldNulls != true {
            draft.refuse("column", "'\(column.name)' of '\(table.name)' is NOT NULL already")
        }
        refuse(kinds: [.foreign, .virtual], of: table, "whose rows are another server's", into: &draft)
        checkFill(operation, of: column, in: table, into: &draft)
        let demand = NewDemand.notNull(column.name, of: table, dialect)
        demand.addFirst(to: &draft, countsFirst: operation.fill == nil)
        if let fill = operation.fill?[dialect] { addFill(fill, of: column.name, in: table, into: &draft) }
        demand.addAgain(to: &draft)
        for (slug, step) in PostgresNotNull(table: table.name, column: column.name).stepsWithUndo {
            draft.add(.expand, slug, step)
        }
    }

    private func checkFill(
        _ operation: SetNotNull, of column: Column, in table: Table, into draft: inout OperationDraft
    ) {
        guard let fill = operation.fill else { return }
        context.checkText(fill, what: "the value", path: "fill", into: &draft)
        if column.generated != nil {
            draft.refuse("fill", "'\(column.name)' is a generated column, which nobody can write")
        }
        refuse(
            kinds: [.partitioned, .inherited], of: table,
            "and rows are so far filled only in ordinary tables; fill them by statements of your own, and leave 'fill' out",
            into: &draft)
        guard let text = fill[dialect], let probe = PostgresProbe(of: table, in: context.schema) else {
            return
        }
        draft.probe(
            "fill", "the value", probe.value(text, of: column.name),
            advice: "write an expression over the columns of '\(table.name)' that gives \(column.type)")
    }

    private func addFill(
        _ fill: String, of column: String, in table: Table, into draft: inout OperationDraft
    ) {
        let quoted = dialect.quote(column)
        draft.add(
            .expand, "fill",
            Step(
                "fill '\(column)' where it is NULL",
                "Row by row, in short transactions. No release writes NULL any more, so none comes after it. A rollback "
                    + "leaves the values.",
                .backfill(
                    Backfill(
                        table: table.name, assignments: "\(quoted) = \(fill.parenthesized)",
                        mismatch: "\(quoted) IS NULL AND \(fill.parenthesized) IS NOT NULL",
                        key: table.primaryKey)),
                lock: .rowExclusive(table.name), scans: true, settlesFirst: true))
    }
}
