import DoubleWrite

/// `set_comment`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: SetComment, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
