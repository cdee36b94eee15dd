import DoubleWrite

/// `drop_default`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropDefault, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
