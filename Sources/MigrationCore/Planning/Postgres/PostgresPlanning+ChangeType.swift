import DoubleWrite

/// `change_type`, in PostgreSQL: by way of a second column, as a rename.
extension PostgresPlanning {
    func plan(_ operation: ChangeType, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
