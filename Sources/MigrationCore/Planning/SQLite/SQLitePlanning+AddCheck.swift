import DoubleWrite

/// `add_check`, in SQLite: the rows are counted that violate it, then the table's stored text is written anew.
extension SQLitePlanning {
    func plan(_ operation: AddCheck, into draft: inout OperationDraft) {
        context.checkText(operation.check, what: "the CHECK", path: "check", into: &draft)
        guard let table = context.table(operation.table, into: &draft),
            let definition = definition(of: table, into: &draft),
            let condition = operation.check[dialect].map(SQLiteDefinition.expression)
        else {
            touchAll(of: operation.table, into: &draft)
            return
        }
        let mentioned = table.columns.map(\.name).filter(condition.mentions)
        touch(mentioned, of: operation.table, into: &draft)
        checkFree(operation.name, in: definition, of: table, into: &draft)
        draft.probe(
            "check", "the CHECK",
            [
                probeTable(definition, [.init(.check(condition))]),
                // Not from the table itself, which the same migration may be about to make.
                "SELECT \(condition.parenthesized) FROM `_bellows_probe` LIMIT 0",
            ],
            advice: "write a condition over the columns of '\(table.name)'")
        warnOfText(of: table, into: &draft)
        let demand = NewDemand.check(operation.name, condition, over: mentioned, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let edits = [TableEdit.add(.init(name: operation.name, .check(condition)), column: nil)]
        var step = edit(
            "add the CHECK '\(operation.name)'", "", edits, of: table, definition,
            verification: demand.verification)
        step.undo = [editBack("drop the CHECK '\(operation.name)' again", "", edits, of: table, definition)]
        draft.add(.expand, "check", step)
    }

    /// A table that takes the clauses only where the database can read them.
    func probeTable(_ definition: SQLiteDefinition, _ clauses: [SQLiteDefinition.Clause]) -> String {
        let columns = definition.columns.map { SQLiteDefinition.Column(name: $0.name, type: $0.type) }
        return SQLiteDefinition(columns: columns, constraints: clauses).sql(named: "_bellows_probe")
    }

    func checkFree(
        _ name: String, in definition: SQLiteDefinition, of table: Table, into draft: inout OperationDraft
    ) {
        context.checkName(name, path: "name", into: &draft)
        guard !definition.named(name).isEmpty else { return }
        draft.refuse("name", "'\(table.name)' has a constraint '\(name)' already; choose another name")
    }
}
