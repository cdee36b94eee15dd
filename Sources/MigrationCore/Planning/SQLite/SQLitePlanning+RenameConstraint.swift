import DoubleWrite

/// `rename_constraint`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: RenameConstraint, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
