import DoubleWrite

/// `drop_table`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropTable, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
