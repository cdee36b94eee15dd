import DoubleWrite

/// `add_enum_value`, which SQLite does not know.
extension SQLitePlanning {
    func plan(_ operation: AddEnumValue, into draft: inout OperationDraft) {
        draft.touch(operation.name, [], dialect)
        refuseEnum(into: &draft)
    }
}
