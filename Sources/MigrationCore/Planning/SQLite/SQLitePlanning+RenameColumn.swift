import DoubleWrite

/// `rename_column` by way of a second column, in SQLite, as far as `ALTER TABLE` reaches.
extension SQLitePlanning {
    func planCopy(_ operation: RenameColumn, into draft: inout OperationDraft) {
        draft.renamedTo = operation.to
        guard let change = context.shape(operation, into: &draft) else { return }
        plan(change, into: &draft)
    }
}
