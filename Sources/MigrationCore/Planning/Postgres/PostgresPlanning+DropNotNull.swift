import DoubleWrite

/// `drop_not_null`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropNotNull, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
