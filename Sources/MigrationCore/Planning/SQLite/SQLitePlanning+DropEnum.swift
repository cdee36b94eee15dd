import DoubleWrite

/// `drop_enum`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropEnum, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
