import DoubleWrite

/// `merge_columns`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: MergeColumns, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
