import DoubleWrite

/// `rename_column` by way of a second column, in PostgreSQL: nothing in it keeps writers out for longer than a moment.
extension PostgresPlanning {
    func planCopy(_ operation: RenameColumn, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
