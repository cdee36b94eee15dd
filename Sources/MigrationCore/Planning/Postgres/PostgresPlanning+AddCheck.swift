import DoubleWrite

/// `add_check`, in PostgreSQL: NOT VALID, then validated beside the writers.
extension PostgresPlanning {
    func plan(_ operation: AddCheck, into draft: inout OperationDraft) {
        context.checkText(operation.check, what: "the condition", path: "check", into: &draft)
        guard let table = context.table(operation.table, into: &draft), let text = operation.check[dialect]
        else {
            draft.touch(operation.table, [], dialect)
            return
        }
        let columns = table.columns.map(\.name).filter(text.mentions)
        draft.touch(operation.table, columns, dialect)
        context.checkFreeConstraint(operation.name, in: table, path: "name", into: &draft)
        refuse(kinds: [.foreign, .virtual], of: table, "whose rows are another server's", into: &draft)
        if let probe = PostgresProbe(of: table, in: context.schema) {
            draft.probe(
                "check", "the condition", probe.check(text),
                advice: "write a condition over the columns of '\(table.name)' that is true or false")
        }
        let demand = demand(operation, text, table, columns)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let check = CheckConstraint(
            name: operation.name, definition: SQLTemplate([.text("CHECK \(text.parenthesized)")]),
            columns: [])
        addNotValid(
            "check", operation.name, PostgresCarrying.originals.addition(check), on: table.name,
            lock: .accessExclusive(table.name), dropLock: .accessExclusive(table.name), into: &draft)
    }

    private func demand(_ operation: AddCheck, _ text: String, _ table: Table, _ columns: [String])
        -> NewDemand
    {
        NewDemand(
            verification: Verification(
                table: table.name, invariants: [.check(operation.name, text)],
                sampleColumns: table.sample(columns),
                remedy:
                    "change the rows so that they meet '\(operation.name)', or the condition so that they do"),
            rows: "rows that break '\(operation.name)'",
            release: "no application writes a row that breaks '\(operation.name)' any more",
            duty:
                "Release every application so that each row of '\(table.name)' that it writes meets the condition: the "
                + "database refuses any other in the next phase.", lock: .accessShare(table.name))
    }
}
