import DoubleWrite

/// `add_unique`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: AddUnique, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
