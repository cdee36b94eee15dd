import DoubleWrite

/// `split_column`, in PostgreSQL: by way of columns beside the old one, as a rename.
extension PostgresPlanning {
    func plan(_ operation: SplitColumn, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
