import DoubleWrite

/// `rename_column` with `strategy: in_place`, in SQLite: views, triggers, indexes and foreign keys follow by themselves.
extension SQLitePlanning {
    func planInPlace(_ operation: RenameColumn, into draft: inout OperationDraft) {
        context.touch(operation, into: &draft)
        guard let table = context.table(operation.table, into: &draft) else { return }
        context.checkNames(operation, in: table, into: &draft)
        guard context.column(operation.from, of: table, path: "from", into: &draft) != nil else { return }
        guard table.kind == .ordinary else {
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words), whose columns SQLite does not rename")
            return
        }
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        RenameInPlace(
            operation: operation, dialect: dialect, lock: .reserved(),
            rename: { "\(alter) RENAME COLUMN \(dialect.quote($0)) TO \(dialect.quote($1))" }
        ).add(to: &draft)
    }
}
