import DoubleWrite

/// `change_column`, in SQLite, as far as `ALTER TABLE` reaches: by way of columns beside the old ones, as a rename.
extension SQLitePlanning {
    func plan(_ operation: ChangeColumn, into draft: inout OperationDraft) {
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
