import DoubleWrite

/// `add_foreign_key`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: AddForeignKey, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
