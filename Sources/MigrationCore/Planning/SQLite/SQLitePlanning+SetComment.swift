import DoubleWrite

/// `set_comment`, which SQLite does not know.
extension SQLitePlanning {
    func plan(_ operation: SetComment, into draft: inout OperationDraft) {
        draft.touch(operation.table, operation.column.map { [$0] } ?? [], dialect)
        draft.refuse(
            nil,
            "SQLite keeps no comments; write it as a comment (# ...) into the migration's file, and leave this out"
        )
    }
}
