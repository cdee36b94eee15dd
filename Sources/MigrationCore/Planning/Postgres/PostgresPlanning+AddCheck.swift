import DoubleWrite

/// `add_check`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: AddCheck, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
