import DoubleWrite

/// `create_enum`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: CreateEnum, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
