import DoubleWrite

/// `rename_table`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: RenameTable, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
