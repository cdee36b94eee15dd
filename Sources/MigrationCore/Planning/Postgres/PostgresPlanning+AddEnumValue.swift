import DoubleWrite

/// `add_enum_value`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: AddEnumValue, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
