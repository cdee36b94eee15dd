import DoubleWrite

/// `change_type`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: ChangeType, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
