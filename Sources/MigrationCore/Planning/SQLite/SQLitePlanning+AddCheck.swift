import DoubleWrite

/// `add_check`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: AddCheck, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
