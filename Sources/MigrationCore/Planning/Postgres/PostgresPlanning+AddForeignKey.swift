import DoubleWrite

/// `add_foreign_key`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: AddForeignKey, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
