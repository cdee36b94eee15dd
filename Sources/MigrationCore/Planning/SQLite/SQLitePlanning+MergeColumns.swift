import DoubleWrite

/// `merge_columns`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: MergeColumns, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
