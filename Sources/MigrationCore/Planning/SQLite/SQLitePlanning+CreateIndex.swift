extension SQLitePlanning {
    func plan(_ operation: CreateIndex, into draft: inout OperationDraft) {
        draft.refuse(nil, "is not planned yet")
    }
}
