import DoubleWrite

/// `extract_table`, in SQLite: a change of shape whose new column points at the table that takes the values.
extension SQLitePlanning {
    func plan(_ operation: ExtractTable, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
