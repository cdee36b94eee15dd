import DoubleWrite

/// `drop_constraint`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropConstraint, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
