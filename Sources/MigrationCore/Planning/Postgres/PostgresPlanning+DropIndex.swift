extension PostgresPlanning {
    func plan(_ operation: DropIndex, into draft: inout OperationDraft) {
        draft.refuse(nil, "is not planned yet")
    }
}
