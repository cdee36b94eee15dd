import DoubleWrite

/// `extract_table`, in PostgreSQL: a change of shape whose new column points at the table that takes the values.
extension PostgresPlanning {
    func plan(_ operation: ExtractTable, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
