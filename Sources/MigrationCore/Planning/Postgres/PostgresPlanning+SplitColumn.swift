import DoubleWrite

/// `split_column`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: SplitColumn, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
