extension SQLitePlanning {
    func plan(_ operation: RawSQL, into draft: inout OperationDraft) {
        draft.refuse(nil, "is not planned yet")
    }
}
