import DoubleWrite

/// `create_table`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: CreateTable, into draft: inout OperationDraft) {
        guard context.check(operation, into: &draft) != nil else { return }
        warnOfComments(in: operation, into: &draft)
        var parts = operation.columns.map(\.sqliteSQL)
        if !operation.primaryKey.isEmpty {
            parts.append("PRIMARY KEY (\(dialect.quote(operation.primaryKey)))")
        }
        draft.addTable(
            operation.table,
            [
                "CREATE TABLE \(dialect.quote(operation.table)) (\n    \(parts.joined(separator: ",\n    "))\n)"
            ],
            dialect: dialect, lock: .reserved(), undoLock: .reserved(), "Nobody uses it yet.")
    }

    private func warnOfComments(in operation: CreateTable, into draft: inout OperationDraft) {
        guard operation.comment != nil || operation.columns.contains(where: { $0.comment != nil }) else {
            return
        }
        draft.warnings.append(
            "SQLite keeps no comments: those of '\(operation.table)' stand only in the migration's file.")
    }
}

extension ColumnDefinition {
    /// The column's declaration in a new table.
    var sqliteSQL: String {
        let dialect = Dialect.sqlite
        var parts = [dialect.quote(name), type[dialect] ?? ""]
        if isPrimaryKey { parts.append("PRIMARY KEY") }
        if !isNullable { parts.append("NOT NULL") }
        if isUnique { parts.append("UNIQUE") }
        if let text = defaultValue?[dialect] {
            parts.append("DEFAULT \(SQLiteLiteral.isConstant(text) ? text : text.parenthesized)")
        }
        if let text = check?[dialect] { parts.append("CHECK \(text.parenthesized)") }
        if let references { parts.append(references.sql(dialect)) }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
