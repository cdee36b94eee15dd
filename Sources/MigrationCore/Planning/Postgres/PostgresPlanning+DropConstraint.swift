import DoubleWrite

/// `drop_constraint`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropConstraint, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
