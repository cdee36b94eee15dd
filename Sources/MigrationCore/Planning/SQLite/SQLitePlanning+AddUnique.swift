import DoubleWrite

/// `add_unique`, in SQLite: a unique index of that name refuses what a constraint would, and needs no other table.
extension SQLitePlanning {
    func plan(_ operation: AddUnique, into draft: inout OperationDraft) {
        touch(operation.columns, of: operation.table, into: &draft)
        context.checkName(operation.name, path: "name", into: &draft)
        context.checkFreeObject(
            TableName(schema: operation.table.schema, operation.name), path: "name", into: &draft)
        if operation.columns.isEmpty {
            draft.refuse("columns", "a unique constraint needs at least one column")
        }
        guard let table = context.table(operation.table, into: &draft) else { return }
        if table.kind != .ordinary {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which has no indexes of its own")
        }
        for (number, name) in operation.columns.enumerated() {
            _ = context.column(name, of: table, path: "columns[\(number)]", into: &draft)
        }
        guard !operation.columns.isEmpty else { return }
        let demand = NewDemand.unique(operation.columns, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let index = CreateIndex(
            table: table.name, name: operation.name,
            keys: operation.columns.map { CreateIndex.Key(.column($0)) }, isUnique: true)
        draft.add(.expand, "unique", step(for: index, on: table.name))
    }
}
