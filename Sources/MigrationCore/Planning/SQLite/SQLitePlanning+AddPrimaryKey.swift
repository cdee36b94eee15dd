import DoubleWrite

/// `add_primary_key`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: AddPrimaryKey, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
