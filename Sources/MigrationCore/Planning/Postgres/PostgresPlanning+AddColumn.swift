extension PostgresPlanning {
    func plan(_ operation: AddColumn, into draft: inout OperationDraft) {
        draft.refuse(nil, "is not planned yet")
    }
}
