import DoubleWrite

/// `replace_index`, in PostgreSQL: the new one is built beside the writers before the old one goes.
extension PostgresPlanning {
    func plan(_ operation: ReplaceIndex, into draft: inout OperationDraft) {
        guard let table = context.table(operation.new.table, into: &draft),
            let old = context.index(operation.old, of: table, path: "index", into: &draft)
        else {
            draft.touch(operation.new.table, [], dialect)
            return
        }
        var rest = context
        rest.schema[table.name]?.indexes.removeAll { $0.name == old.name }
        guard rest.check(operation.new, into: &draft) != nil else { return }
        draft.touches += old.columns.sorted().map {
            TouchedColumn(table: dialect.normalized(table.name), column: $0)
        }
        refuse(
            kinds: [.partitioned, .foreign, .virtual], of: table,
            "on which no index can be built beside writers",
            into: &draft)
        context.refuseServed(old, of: table, path: "index", into: &draft)
        refuseReplicaIdentity(old.name, path: "index", in: table, into: &draft)
        let replacement = PostgresReplacement(operation: operation, old: old, table: table)
        for name in replacement.hiddenNames {
            context.checkFreeObject(TableName(schema: table.name.schema, name), path: "index", into: &draft)
        }
        let shared = ReplaceIndexSteps(
            operation: operation, old: old, table: table, dialect: dialect)
        shared.addDemand(to: &draft)
        replacement.addExpand(to: &draft, drop: dropStep)
        shared.addRelief(to: &draft)
        var drop = dropStep(replacement.goingName, on: table.name)
        drop.undo = shared.beforeReturn + replacement.rebuild
        draft.add(.contract, "drop-index", drop)
    }
}

/// An index that takes another one's place, and often its name.
private struct PostgresReplacement {
    let operation: ReplaceIndex
    let old: Index
    let table: Table
    let dialect = Dialect.postgres

    private var keepsName: Bool { operation.old == operation.new.name }
    private var builtName: String {
        keepsName ? dialect.temporaryName(of: operation.old) : operation.new.name
    }

    /// What the old index is called when it is dropped.
    var goingName: String { keepsName ? dialect.retiredName(of: operation.old) : operation.old }

    /// The names that are used on the way.
    var hiddenNames: [String] { keepsName ? [builtName, goingName] : [] }

    func addExpand(to draft: inout OperationDraft, drop: (String, TableName) -> Step) {
        let new = operation.new
        let index = Index(
            name: builtName, isUnique: new.isUnique, definition: new.definition(dialect), columns: [])
        draft.add(
            .expand, "build-index",
            Step(
                "build the new index '\(new.name)' on '\(table.name)'",
                "CONCURRENTLY: writers go on while it is built, and queries have the old one. An interrupted build is "
                    + "dropped and begun again."
                    + (keepsName ? " Its name is a temporary one until the next step." : ""),
                PostgresCarrying.originals.build(index, on: table.name),
                lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true,
                undo: [drop(builtName, table.name)]))
        guard keepsName else { return }
        draft.add(
            .expand, "swap-names",
            Step(
                "give the new index the name '\(new.name)'",
                "Both renames in one transaction; only the catalogue changes.",
                .statements(
                    on: table.name,
                    [rename(old.name, goingName), rename(builtName, old.name)] + comment(from: goingName)),
                lock: .shareUpdateExclusive(table.name, Lock.moment),
                undo: [
                    Step(
                        "give '\(old.name)' its name back", "Both renames in one transaction.",
                        .statements(
                            on: table.name, [rename(old.name, builtName), rename(goingName, old.name)]),
                        lock: .shareUpdateExclusive(table.name, Lock.moment))
                ]))
    }

    /// Builds what was dropped again.
    var rebuild: [Step] {
        var index = old
        index.name = goingName
        var steps = [
            Step(
                "build the index '\(old.name)' again", "CONCURRENTLY: writers go on while it is built.",
                PostgresCarrying.originals.build(index, on: table.name),
                lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true)
        ]
        if let text = old.comment {
            steps.append(
                Step(
                    "comment on index '\(old.name)' again", "",
                    .statements(on: table.name, [comment(text, on: goingName)]),
                    lock: .shareUpdateExclusive(table.name, Lock.moment)))
        }
        return steps
    }

    /// The comment stays with the name.
    private func comment(from going: String) -> [String] {
        old.comment.map { [comment($0, on: old.name)] } ?? []
    }

    private func comment(_ text: String, on name: String) -> String {
        "COMMENT ON INDEX \(quoted(name)) IS \(dialect.literal(text))"
    }

    private func rename(_ from: String, _ to: String) -> String {
        "ALTER INDEX \(quoted(from)) RENAME TO \(dialect.quote(to))"
    }

    private func quoted(_ name: String) -> String {
        dialect.quote(TableName(schema: table.name.schema, name))
    }
}
