import DoubleWrite

/// `set_not_null`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: SetNotNull, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
