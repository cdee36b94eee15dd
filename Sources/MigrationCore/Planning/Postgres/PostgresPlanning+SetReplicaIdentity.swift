import DoubleWrite

/// `set_replica_identity`, in PostgreSQL: only the catalogue changes.
extension PostgresPlanning {
    func plan(_ operation: SetReplicaIdentity, into draft: inout OperationDraft) {
        draft.touch(operation.table, [], dialect)
        guard let table = context.table(operation.table, into: &draft) else { return }
        let old = table.replicaIdentity ?? .primaryKey
        if operation.identity == old {
            draft.refuse(
                operation.path, "'\(table.name)' has that replica identity already; nothing would change")
        }
        refuse(kinds: [.foreign, .virtual], of: table, "which is replicated by nobody", into: &draft)
        refuse(operation, for: table, into: &draft)
        func statement(_ identity: SetReplicaIdentity.Identity) -> [String] {
            ["ALTER TABLE \(dialect.quote(table.name)) REPLICA IDENTITY \(identity.sql)"]
        }
        draft.add(
            .expand, "replica-identity",
            Step(
                "make \(operation.identity.words) the replica identity of '\(table.name)'",
                "Only the catalogue changes; what is written from now on is sent with it.",
                .statements(on: table.name, statement(operation.identity)),
                lock: .accessExclusive(table.name),
                undo: [
                    Step(
                        "make \(old.words) the replica identity again", "Only the catalogue changes.",
                        .statements(on: table.name, statement(old)), lock: .accessExclusive(table.name))
                ]))
    }

    private func refuse(_ operation: SetReplicaIdentity, for table: Table, into draft: inout OperationDraft) {
        let isPublished = !table.publications.isEmpty
        switch operation.identity {
        case .primaryKey:
            guard table.primaryKey.isEmpty else { return }
            draft.refuse(
                "identity",
                "'\(table.name)' has no primary key to be known by; give it one (add_primary_key), or choose an index or "
                    + "full")
        case .nothing:
            guard isPublished else { return }
            draft.refuse(
                "identity",
                "'\(table.name)' is in the publication '\(table.publications[0])', and without an identity its updates and "
                    + "deletes would fail; choose full, or an index")
        case .full:
            draft.warnings.append(
                "With the identity 'full' every update and delete of '\(table.name)' sends the whole old row, and "
                    + "subscribers look for it by all its columns.")
        case .index(let name): refuseIndex(name, of: table, into: &draft)
        }
    }

    private func refuseIndex(_ name: String, of table: Table, into draft: inout OperationDraft) {
        let columns: Set<String>
        if let unique = table.uniqueConstraints.first(where: { $0.name == name }) {
            columns = Set(unique.columns)
            if unique.timing != nil {
                draft.refuse(
                    "index", "'\(name)' is deferrable, so for a moment it knows no row; choose another index")
            }
        } else if name == table.primaryKeyName {
            columns = []
        } else if let index = context.index(name, of: table, path: "index", into: &draft) {
            columns = index.columns
            if !index.isUnique || !index.isSimple || !index.isValid {
                draft.refuse(
                    "index", "'\(name)' must be a valid unique index over columns, without a condition")
            }
        } else {
            return
        }
        for column in columns.sorted() where table.column(column)?.isNullable == true {
            draft.refuse(
                "index",
                "'\(column)' may hold NULL, and a row without it would not be known; set_not_null first")
        }
    }
}

extension SetReplicaIdentity {
    /// The key that says it.
    fileprivate var path: String {
        if case .index = identity { "index" } else { "identity" }
    }
}

extension SetReplicaIdentity.Identity {
    fileprivate var sql: String {
        switch self {
        case .primaryKey: "DEFAULT"
        case .full: "FULL"
        case .nothing: "NOTHING"
        case .index(let name): "USING INDEX \(Dialect.postgres.quote(name))"
        }
    }

    fileprivate var words: String {
        switch self {
        case .primaryKey: "the primary key"
        case .full: "the whole row"
        case .nothing: "nothing"
        case .index(let name): "the index '\(name)'"
        }
    }
}
