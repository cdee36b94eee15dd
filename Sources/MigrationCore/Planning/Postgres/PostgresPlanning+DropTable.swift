import DoubleWrite

/// `drop_table`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropTable, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        refuseDrop(of: table, into: &draft)
        let keys = table.foreignKeys.filter { !dialect.sameTable($0.target.table, table.name) }
        var steps = DropTableSteps(
            table: table.name, dialect: dialect, lock: lock(retiring: table, keys),
            dropLock: .accessExclusive(
                TableName(schema: table.name.schema, dialect.retiredName(of: table.name.name))),
            goesAlong: goesAlong(with: table))
        if !keys.isEmpty {
            let retired = dialect.quote(steps.retired)
            let drops = keys.map { "DROP CONSTRAINT \(dialect.quote($0.name ?? ""))" }
            steps.alsoRetires = ["ALTER TABLE \(retired) \(drops.joined(separator: ", "))"]
            steps.reason =
                "Its foreign keys go: they would keep rows of other tables from being deleted, for values that nobody "
                + "maintains any more."
            steps.beforeReturn = [count(keys, of: table, under: steps.retired)]
            steps.afterReturn = keys.flatMap { key in
                restore(
                    key.name ?? "", PostgresCarrying.originals.addition(key), validates: key.isValidated,
                    .foreignKey(from: table.name, to: key.target.table), on: table.name)
            }
        }
        steps.add(to: &draft)
    }

    private func lock(retiring table: Table, _ keys: [ForeignKey]) -> Lock {
        let others = Set(keys.map(\.target.table.description)).sorted()
        return Lock(
            mode: "ACCESS EXCLUSIVE", object: ([table.name.description] + others).joined(separator: ", "),
            duration: Lock.moment)
    }

    /// Rows whose parent was deleted meanwhile keep the foreign keys from coming back.
    private func count(_ keys: [ForeignKey], of table: Table, under name: TableName) -> Step {
        var retired = table
        retired.name = name
        return Step(
            "count the rows of what was '\(table.name)' that point at nothing any more",
            "Its foreign keys come back next, and rows that they point at may have been deleted meanwhile.",
            .verify(
                Verification(
                    table: name,
                    invariants: keys.filter(\.isValidated).map { orphans(of: $0, in: retired) },
                    sampleColumns: retired.sample(keys.flatMap(\.columns).uniqued),
                    remedy: "delete the rows from '\(name)', or insert again what they point at")),
            lock: .accessShare(name), scans: true)
    }

    private func goesAlong(with table: Table) -> [String] {
        let sequences = table.columns.compactMap(\.ownedSequence).map { "the sequence \($0)" }
        let indexes = table.indexes.map { "the index '\($0.name)'" }
        let own = table.dependents.filter { $0.kind != .foreignKey && $0.isOwn(of: table.name) }
        return indexes + sequences + own.map { "the \($0.kind.rawValue) '\($0.name)'" }
    }

    private func refuseDrop(of table: Table, into draft: inout OperationDraft) {
        switch table.kind {
        case .ordinary: break
        case .partitioned:
            draft.refuse(
                "table",
                "'\(table.name)' is \(table.kind.words), and its partitions would stay in use under names of their own "
                    + "while it is retired; drop them by statements of your own (sql)")
        case .partition:
            draft.refuse(
                "table",
                "'\(table.name)' is a partition; detach it first (ALTER TABLE ... DETACH PARTITION CONCURRENTLY)"
            )
        case .inherited, .foreign, .virtual:
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words); drop it by statements of your own (sql)")
        }
        for subscription in table.subscriptions {
            draft.refuse(
                "table",
                "'\(table.name)' receives the subscription '\(subscription)', which stops without it; take the table out of "
                    + "the subscription first")
        }
        for publication in table.publications {
            draft.warnings.append(
                "'\(table.name)' is in the publication '\(publication)': its subscribers keep their copies.")
        }
        for dependent in table.dependents where !dependent.isOwn(of: table.name) {
            switch dependent.kind {
            case .view, .materializedView, .rule, .boundFunction:
                draft.refuse(
                    "table",
                    "the \(dependent.kind.rawValue) '\(dependent.name)' uses '\(table.name)'; drop it first, or change it so "
                        + "that it does without")
            case .function:
                draft.warnings.append(
                    "The function '\(dependent.name)' seems to mention '\(table.name)'. Functions' bodies are text to the "
                        + "database: it fails once the name is gone.")
            case .generatedColumn, .trigger, .policy, .statistics, .foreignKey, .exclusion, .partitionKey,
                .partitionObject, .replicaIdentity:
                continue
            }
        }
    }
}

extension Dependent {
    /// Whether it belongs to the table itself and goes with it.
    fileprivate func isOwn(of table: TableName) -> Bool {
        switch kind {
        case .view, .materializedView, .function, .boundFunction, .foreignKey: false
        case .generatedColumn, .trigger, .policy, .statistics, .exclusion, .partitionKey, .partitionObject,
            .replicaIdentity:
            true
        case .rule: name.hasPrefix("\(table.schema ?? Dialect.postgres.defaultSchema).\(table.name).")
        }
    }
}

extension [String] {
    /// Without repetitions, in their order.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
