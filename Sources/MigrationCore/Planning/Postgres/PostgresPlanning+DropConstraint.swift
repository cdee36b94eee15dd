import DoubleWrite

/// `drop_constraint`, in PostgreSQL: only the catalogue changes, but releases must bear what it kept out.
extension PostgresPlanning {
    func plan(_ operation: DropConstraint, into draft: inout OperationDraft) {
        guard let table = context.table(operation.table, into: &draft),
            let constraint = constraint(operation.name, of: table, path: "name", into: &draft)
        else {
            draft.touch(operation.table, [], dialect)
            return
        }
        draft.touch(operation.table, constraint.columns, dialect)
        refuse(constraint, named: operation.name, in: table, into: &draft)
        guard let demand = demand(constraint, named: operation.name, in: table) else { return }
        for extra in table.extras ?? [] where extra.name.hasSuffix("'\(operation.name)'") {
            draft.warnings.append(
                "\(extra.name) of '\(table.name)' is lost with it, and a rollback does not bring it back.")
        }
        let relief = Relief.constraint(
            operation.name, isIndex: constraint.hasIndex, of: table, until: demand)
        relief.addFirst(to: &draft)
        draft.add(
            .expand, "drop-constraint",
            Step(
                "drop the \(constraint.words) '\(operation.name)' of '\(table.name)'",
                "Only the catalogue changes." + (constraint.hasIndex ? " Its index goes with it." : ""),
                .statements(
                    on: table.name,
                    [
                        "ALTER TABLE \(dialect.quote(table.name)) DROP CONSTRAINT \(dialect.quote(operation.name))"
                    ]),
                lock: lock(dropping: constraint, of: table.name), settlesFirst: true,
                undo: relief.undo + restoration(constraint, named: operation.name, in: table)))
    }

    private func refuse(
        _ constraint: PostgresConstraint, named name: String, in table: Table,
        into draft: inout OperationDraft
    ) {
        refuse(
            kinds: [.partition], of: table, "whose constraints are those of the table it is a part of",
            into: &draft)
        switch constraint {
        case .check: return
        case .exclusion:
            draft.refuse(
                "name",
                "'\(name)' is an exclusion constraint, which nothing can bring back beside writers; drop it by statements "
                    + "of your own (sql)")
        case .foreignKey:
            refuse(
                kinds: [.partitioned], of: table, "whose foreign keys cannot be brought back beside writers",
                into: &draft)
        case .primaryKey(let columns):
            refuse(
                kinds: [.partitioned], of: table, "whose keys cannot be brought back beside writers",
                into: &draft)
            refuseServed(columns, by: name, in: table, into: &draft)
            if !table.publications.isEmpty, table.replicaIdentity == nil {
                draft.refuse(
                    "name",
                    "'\(table.name)' is in the publication '\(table.publications[0])', which knows its rows by the primary "
                        + "key: updates and deletes would fail; choose another identity first (set_replica_identity)"
                )
            }
        case .unique(let unique):
            refuse(
                kinds: [.partitioned], of: table, "whose keys cannot be brought back beside writers",
                into: &draft)
            refuseServed(unique.columns, by: name, in: table, into: &draft)
        }
    }

    /// Refuses what a unique constraint serves beside its own table's rows: foreign keys, and the replica identity.
    private func refuseServed(
        _ columns: [String], by name: String, in table: Table, into draft: inout OperationDraft
    ) {
        for key in context.references(toUnique: columns, of: table) {
            draft.refuse(
                "name",
                "the foreign key \(key) needs \(columns.words) of '\(table.name)' to be unique; drop it first"
            )
        }
        refuseReplicaIdentity(name, path: "name", in: table, into: &draft)
    }

    /// Refuses to take the index by which logical replication knows the rows.
    func refuseReplicaIdentity(
        _ name: String, path: String, in table: Table, into draft: inout OperationDraft
    ) {
        guard table.replicaIdentity == .index(name) else { return }
        draft.refuse(
            path,
            "'\(name)' is the replica identity of '\(table.name)'; choose another one first (set_replica_identity)"
        )
    }

    /// What it takes until the constraint can come back; `nil` where it never can.
    private func demand(_ constraint: PostgresConstraint, named name: String, in table: Table) -> NewDemand? {
        var invariants: [Verification.Invariant]
        switch constraint {
        case .exclusion: return nil
        case .primaryKey(let columns): invariants = [.unique(columns, of: table.name, dialect)]
        case .unique(let unique):
            invariants = [
                .unique(unique.columns, of: table.name, nullsAreAlike: unique.nullsNotDistinct, dialect)
            ]
        case .check(let check): invariants = [.check(name, check.condition())]
        case .foreignKey(let key): invariants = [orphans(of: key, in: table)]
        }
        if !isValidated(constraint) { invariants = [] }
        return .returning(name, invariants, over: constraint.columns, of: table, dialect)
    }

    private func isValidated(_ constraint: PostgresConstraint) -> Bool {
        switch constraint {
        case .check(let check): check.isValidated
        case .foreignKey(let key): key.isValidated
        case .primaryKey, .unique, .exclusion: true
        }
    }

    /// The rows that point at nothing.
    func orphans(of key: ForeignKey, in table: Table) -> Verification.Invariant {
        let columns =
            key.target.columns.isEmpty
            ? context.schema[key.target.table]?.primaryKey ?? [] : key.target.columns
        return .pointsAtRow(key.columns, of: table.name, at: key.target.table, columns, dialect)
    }

    private func restoration(_ constraint: PostgresConstraint, named name: String, in table: Table) -> [Step]
    {
        let carrying = PostgresCarrying.originals
        switch constraint {
        case .exclusion: return []
        case .primaryKey(let columns):
            return rebuild(UniqueConstraint(name: name, columns: columns), "PRIMARY KEY", on: table.name)
        case .unique(let unique): return rebuild(unique, "UNIQUE", on: table.name)
        case .check(let check):
            return restore(
                name, carrying.addition(check), validates: check.isValidated, .accessExclusive(table.name),
                on: table.name)
        case .foreignKey(let key):
            return restore(
                name, carrying.addition(key), validates: key.isValidated,
                .foreignKey(from: table.name, to: key.target.table), on: table.name)
        }
    }

    private func rebuild(_ unique: UniqueConstraint, _ kind: String, on table: TableName) -> [Step] {
        let name = unique.name ?? ""
        let quoted = dialect.quote(name)
        let timing = unique.timing.map { " \($0)" } ?? ""
        let alter = "ALTER TABLE \(dialect.quote(table))"
        return [
            buildStep(
                "build the index of '\(name)' again", "", PostgresCarrying.originals.build(unique, on: table),
                on: table),
            Step(
                "make that index the constraint's again", "Nothing is read.",
                .statements(
                    on: table, ["\(alter) ADD CONSTRAINT \(quoted) \(kind) USING INDEX \(quoted)\(timing)"]),
                lock: .accessExclusive(table)),
        ]
    }

    /// Adds a constraint again, and validates it where it was.
    func restore(
        _ name: String, _ addition: String, validates: Bool, _ lock: Lock, on table: TableName
    ) -> [Step] {
        let step = Step(
            "add '\(name)' again, not validated", "NOT VALID: it holds for every write from now on.",
            .statements(on: table, ["ALTER TABLE \(dialect.quote(table)) \(addition)"]), lock: lock)
        return validates ? [step, validation(of: name, on: table, again: true)] : [step]
    }
}
