import DoubleWrite

/// `add_primary_key`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: AddPrimaryKey, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
