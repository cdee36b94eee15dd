import DoubleWrite

/// `set_replica_identity`, which SQLite does not know.
extension SQLitePlanning {
    func plan(_ operation: SetReplicaIdentity, into draft: inout OperationDraft) {
        draft.touch(operation.table, [], dialect)
        draft.refuse(
            nil, "SQLite has no logical replication, so a table has no replica identity; leave this out")
    }
}
