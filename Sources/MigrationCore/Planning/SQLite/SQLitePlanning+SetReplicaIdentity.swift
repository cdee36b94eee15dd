import DoubleWrite

/// `set_replica_identity`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: SetReplicaIdentity, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
