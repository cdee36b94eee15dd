import DoubleWrite

/// `set_comment`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: SetComment, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
