import DoubleWrite

/// `split_column`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: SplitColumn, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
