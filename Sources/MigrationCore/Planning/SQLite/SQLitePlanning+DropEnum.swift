import DoubleWrite

/// `drop_enum`, which SQLite does not know.
extension SQLitePlanning {
    func plan(_ operation: DropEnum, into draft: inout OperationDraft) {
        draft.touch(operation.name, [], dialect)
        refuseEnum(into: &draft)
    }
}
