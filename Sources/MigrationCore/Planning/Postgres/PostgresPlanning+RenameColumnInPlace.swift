import DoubleWrite

/// `rename_column` with `strategy: in_place`, in PostgreSQL: views, keys, indexes and constraints follow by themselves.
extension PostgresPlanning {
    func planInPlace(_ operation: RenameColumn, into draft: inout OperationDraft) {
        context.touch(operation, into: &draft)
        guard let table = context.table(operation.table, into: &draft) else { return }
        context.checkNames(operation, in: table, into: &draft)
        guard context.column(operation.from, of: table, path: "from", into: &draft) != nil else { return }
        refuseReplication(of: table, into: &draft)
        refuseRowType(of: table, into: &draft)
        switch table.kind {
        case .ordinary, .partitioned, .inherited: break
        case .partition:
            draft.refuse(
                "table", "'\(table.name)' is a partition; rename the column of the table it is a part of")
        case .foreign, .virtual:
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words), whose columns are another server's")
        }
        warnOfFunctions(using: operation.from, in: table, into: &draft)
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        RenameInPlace(
            operation: operation, dialect: dialect, lock: .accessExclusive(table.name),
            rename: { "\(alter) RENAME COLUMN \(dialect.quote($0)) TO \(dialect.quote($1))" }
        ).add(to: &draft)
    }
}
