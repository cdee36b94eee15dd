import DoubleWrite

/// `drop_table`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropTable, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
