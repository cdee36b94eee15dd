import DoubleWrite

/// `set_default`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: SetDefault, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
