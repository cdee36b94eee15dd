import DoubleWrite

/// `set_replica_identity`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: SetReplicaIdentity, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
