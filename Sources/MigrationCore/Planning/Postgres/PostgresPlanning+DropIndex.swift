import DoubleWrite

/// `drop_index`, in PostgreSQL: beside the writers.
extension PostgresPlanning {
    func plan(_ operation: DropIndex, into draft: inout OperationDraft) {
        guard let table = context.table(operation.table, into: &draft),
            let index = context.index(operation.name, of: table, into: &draft)
        else {
            draft.touches.append(TouchedColumn(table: dialect.normalized(operation.table), column: nil))
            return
        }
        draft.touches += index.columns.sorted().map {
            TouchedColumn(table: dialect.normalized(operation.table), column: $0)
        }
        context.refuseServed(index, of: table, path: "name", into: &draft)
        refuseReplicaIdentity(index.name, path: "name", in: table, into: &draft)
        let relief = index.isUnique ? UniqueIndexRelief(index, of: table, dialect).relief : nil
        relief?.addBeforeContract(to: &draft)
        let isPartitioned = table.kind == .partitioned
        var step =
            isPartitioned
            ? PostgresPartitions.drop(operation.name, of: table.name)
            : dropStep(operation.name, on: table.name)
        step.settlesFirst = relief != nil
        step.undo =
            (relief?.undo ?? []) + [
                Step(
                    "build the index '\(operation.name)' again",
                    "CONCURRENTLY: writers go on while it is built.",
                    PostgresCarrying.originals.build(index, on: table.name, isPartitioned: isPartitioned),
                    lock: .indexBuild(on: table), scans: true)
            ]
        if let comment = index.comment {
            let name = dialect.quote(TableName(schema: table.name.schema, index.name))
            step.undo.append(
                Step(
                    "comment on index '\(index.name)' again", "",
                    .statements(on: table.name, ["COMMENT ON INDEX \(name) IS \(dialect.literal(comment))"]),
                    lock: .shareUpdateExclusive(table.name, Lock.moment)))
        }
        draft.add(.contract, "drop-index", step)
    }
}
