import DoubleWrite

/// `set_comment`, in PostgreSQL: only the catalogue changes.
extension PostgresPlanning {
    func plan(_ operation: SetComment, into draft: inout OperationDraft) {
        draft.touch(operation.table, operation.column.map { [$0] } ?? [], dialect)
        guard let table = context.table(operation.table, into: &draft) else { return }
        var object = "TABLE \(dialect.quote(table.name))"
        var words = "'\(table.name)'"
        var old = table.comment
        if let name = operation.column {
            guard let column = context.column(name, of: table, path: "column", into: &draft) else { return }
            object = "COLUMN \(dialect.quote(table.name)).\(dialect.quote(name))"
            words = "'\(name)' of '\(table.name)'"
            old = column.comment
        }
        if operation.comment == old {
            draft.refuse(
                "comment",
                "\(words) \(old == nil ? "has no comment" : "has that comment already"); nothing would change"
            )
        }
        func statement(_ comment: String?) -> [String] {
            ["COMMENT ON \(object) IS \(comment.map(dialect.literal) ?? "NULL")"]
        }
        draft.add(
            .expand, "set-comment",
            Step(
                operation.comment == nil ? "take the comment from \(words)" : "comment on \(words)",
                "Only the catalogue changes.", .statements(on: table.name, statement(operation.comment)),
                lock: .shareUpdateExclusive(table.name, Lock.moment),
                undo: [
                    Step(
                        old == nil
                            ? "take the comment from \(words) again" : "give \(words) its comment back",
                        "Only the catalogue changes.", .statements(on: table.name, statement(old)),
                        lock: .shareUpdateExclusive(table.name, Lock.moment))
                ]))
    }
}
