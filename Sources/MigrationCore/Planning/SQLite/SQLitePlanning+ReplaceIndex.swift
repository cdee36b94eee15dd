import DoubleWrite

/// `replace_index`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: ReplaceIndex, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
