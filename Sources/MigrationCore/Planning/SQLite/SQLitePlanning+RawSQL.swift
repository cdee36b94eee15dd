/// `sql`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: RawSQL, into draft: inout OperationDraft) {
        RawSQLSteps(operation: operation, context: context, lock: .reserved("until the list has run"))
            .add(to: &draft)
    }
}
