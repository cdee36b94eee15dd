import DoubleWrite

/// `create_index`, in PostgreSQL: beside the writers.
extension PostgresPlanning {
    func plan(_ operation: CreateIndex, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        switch table.kind {
        case .ordinary, .partition, .inherited: break
        case .partitioned: refuseUnique(operation, on: table, into: &draft)
        case .foreign, .virtual:
            draft.refuse(
                "table",
                "'\(table.name)' is \(table.kind.words), on which no index can be built beside writers")
        }
        if let probe = PostgresProbe(of: table, in: context.schema) {
            context.probe(
                operation, of: table, { probe.index($0) }, { probe.index("(1)", where: $0) }, into: &draft)
        }
        if operation.isUnique {
            let demand = NewDemand.unique(operation, of: table, dialect)
            demand.addFirst(to: &draft)
            demand.addAgain(to: &draft)
        }
        let index = Index(
            name: operation.name, isUnique: operation.isUnique, definition: operation.definition(dialect),
            columns: [])
        let isPartitioned = table.kind == .partitioned
        draft.add(
            .expand, "create-index",
            Step(
                "build the index '\(operation.name)' on '\(table.name)'",
                "CONCURRENTLY: writers go on while it is built. An interrupted build is dropped and begun again."
                    + (operation.isUnique
                        ? " Rows that are not unique end it with an error, and it is dropped." : "")
                    + (isPartitioned ? " " + PostgresPartitions.buildExplanation : ""),
                PostgresCarrying.originals.build(index, on: table.name, isPartitioned: isPartitioned),
                lock: .indexBuild(on: table), scans: true,
                undo: [
                    isPartitioned
                        ? PostgresPartitions.drop(operation.name, of: table.name)
                        : dropStep(operation.name, on: table.name)
                ]))
    }

    /// The step that drops an index beside the writers.
    func dropStep(_ name: String, on table: TableName) -> Step {
        let quoted = dialect.quote(TableName(schema: table.schema, name))
        return Step(
            "drop the index '\(name)' of '\(table)'", "CONCURRENTLY: writers and readers go on.",
            .dropIndex(
                IndexDrop(
                    table: table, name: name, statement: "DROP INDEX CONCURRENTLY IF EXISTS \(quoted)")),
            lock: .shareUpdateExclusive(table, Lock.moment))
    }
}
