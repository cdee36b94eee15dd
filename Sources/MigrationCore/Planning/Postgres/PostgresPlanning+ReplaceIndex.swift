import DoubleWrite

/// `replace_index`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: ReplaceIndex, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
