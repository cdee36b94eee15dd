import DoubleWrite

/// `change_column`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: ChangeColumn, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
