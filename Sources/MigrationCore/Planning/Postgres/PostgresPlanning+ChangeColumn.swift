import DoubleWrite

/// `change_column`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: ChangeColumn, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
