import DoubleWrite

/// `drop_default`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropDefault, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
