import DoubleWrite

/// `merge_columns`, in PostgreSQL: by way of a column beside the old ones, as a rename.
extension PostgresPlanning {
    func plan(_ operation: MergeColumns, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
