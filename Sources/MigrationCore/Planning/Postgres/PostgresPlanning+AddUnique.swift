import DoubleWrite

/// `add_unique`, in PostgreSQL: a unique index built beside the writers, which becomes the constraint's.
extension PostgresPlanning {
    func plan(_ operation: AddUnique, into draft: inout OperationDraft) {
        draft.touch(operation.table, operation.columns, dialect)
        guard let table = context.table(operation.table, into: &draft) else { return }
        context.checkFreeConstraint(operation.name, in: table, path: "name", into: &draft)
        context.checkFreeObject(
            TableName(schema: table.name.schema, operation.name), path: "name", into: &draft)
        refuse(
            kinds: [.partitioned, .foreign, .virtual], of: table,
            "on which no unique index can be built beside writers", into: &draft)
        guard context.columns(operation.columns, of: table, path: "columns", into: &draft) != nil else {
            return
        }
        let unique = UniqueConstraint(name: operation.name, columns: operation.columns)
        let demand = NewDemand.unique(operation.columns, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        draft.add(
            .expand, "unique-index",
            buildStep(
                "build the index of '\(operation.name)'", "Rows that are not unique end it with an error.",
                PostgresCarrying.originals.build(unique, on: table.name), on: table.name,
                undo: [dropStep(operation.name, on: table.name)]))
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        draft.add(
            .expand, "unique",
            Step(
                "make that index the constraint '\(operation.name)'",
                "The index is there already, so nothing is read.",
                .statements(on: table.name, ["\(alter) \(PostgresCarrying.originals.addition(unique))"]),
                lock: .accessExclusive(table.name),
                undo: [
                    Step(
                        "drop '\(operation.name)' again", "Its index goes with it.",
                        .statements(
                            on: table.name, ["\(alter) DROP CONSTRAINT \(dialect.quote(operation.name))"]),
                        lock: .accessExclusive(table.name))
                ]))
    }
}
