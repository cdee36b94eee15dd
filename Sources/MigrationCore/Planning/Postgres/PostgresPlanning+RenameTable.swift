import DoubleWrite

/// `rename_table`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: RenameTable, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
