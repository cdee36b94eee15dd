import DoubleWrite

/// `add_enum_value`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: AddEnumValue, into draft: inout OperationDraft) {
        draft.refuse(nil, "not planned yet")
    }
}
