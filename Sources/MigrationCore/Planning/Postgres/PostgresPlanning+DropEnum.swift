import DoubleWrite

/// `drop_enum`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropEnum, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
