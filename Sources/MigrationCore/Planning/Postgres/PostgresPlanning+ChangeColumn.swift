import DoubleWrite

/// `change_column`, in PostgreSQL: by way of a second column, as a rename.
extension PostgresPlanning {
    func plan(_ operation: ChangeColumn, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
