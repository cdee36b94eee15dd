extension PostgresPlanning {
    func plan(_ operation: DropColumn, into draft: inout OperationDraft) {
        draft.refuse(nil, "is not planned yet")
    }
}
