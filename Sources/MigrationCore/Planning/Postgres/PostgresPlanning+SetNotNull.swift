import DoubleWrite

/// `set_not_null`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: SetNotNull, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
