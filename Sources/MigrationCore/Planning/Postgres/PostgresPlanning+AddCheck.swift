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
        let demand = NewDemand.check(operation.name, text, over: columns, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let check = CheckConstraint(
            name: operation.name, definition: SQLTemplate([.text("CHECK \(text.parenthesized)")]),
            columns: [])
        addNotValid(
            "check", operation.name, PostgresCarrying.originals.addition(check), on: table.name,
            lock: .accessExclusive(table.name), dropLock: .accessExclusive(table.name), into: &draft)
    }
}
