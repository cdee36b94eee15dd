import DoubleWrite

/// `create_enum`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: CreateEnum, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
