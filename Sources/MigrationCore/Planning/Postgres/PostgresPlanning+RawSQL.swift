/// `sql`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: RawSQL, into draft: inout OperationDraft) {
        let lock = Lock(
            mode: "unknown", object: "what the statements name", duration: "until the list has run")
        RawSQLSteps(operation: operation, context: context, lock: lock).add(to: &draft)
    }
}
