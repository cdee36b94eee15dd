import DoubleWrite

/// `rename_constraint`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: RenameConstraint, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
