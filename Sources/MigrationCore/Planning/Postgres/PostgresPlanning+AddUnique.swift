import DoubleWrite

/// `add_unique`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: AddUnique, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
