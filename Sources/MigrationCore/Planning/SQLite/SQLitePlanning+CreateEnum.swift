import DoubleWrite

/// `create_enum`, which SQLite does not know.
extension SQLitePlanning {
    func plan(_ operation: CreateEnum, into draft: inout OperationDraft) {
        draft.touch(operation.name, [], dialect)
        refuseEnum(into: &draft)
    }
}

extension SQLitePlanning {
    /// Says what to write instead.
    func refuseEnum(into draft: inout OperationDraft) {
        draft.refuse(
            nil,
            "SQLite has no enumerated types; keep the column text, and list its values in a CHECK: "
                + "add_check: { ..., check: \"mood IN ('calm', 'playful')\" }")
    }
}
