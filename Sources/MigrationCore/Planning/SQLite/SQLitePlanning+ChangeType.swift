import DoubleWrite

/// `change_type`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: ChangeType, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
