import DoubleWrite

/// `set_default`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: SetDefault, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
