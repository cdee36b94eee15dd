import DoubleWrite

/// `create_table`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: CreateTable, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        for name in table.uniqueConstraints.compactMap(\.name) {
            context.checkFreeObject(
                TableName(schema: operation.table.schema, name), path: "columns", into: &draft)
        }
        var parts = operation.columns.map { $0.postgresSQL(in: operation.table, for: .newTable) }
        if !operation.primaryKey.isEmpty {
            parts.append("PRIMARY KEY (\(dialect.quote(operation.primaryKey)))")
        }
        let quoted = dialect.quote(operation.table)
        var sql = ["CREATE TABLE \(quoted) (\n    \(parts.joined(separator: ",\n    "))\n)"]
        if let comment = operation.comment {
            sql.append("COMMENT ON TABLE \(quoted) IS \(dialect.literal(comment))")
        }
        for definition in operation.columns {
            guard let comment = definition.comment else { continue }
            sql.append(
                "COMMENT ON COLUMN \(quoted).\(dialect.quote(definition.name)) IS \(dialect.literal(comment))"
            )
        }
        let targets = Set(operation.columns.compactMap { $0.references?.table.description })
            .subtracting([operation.table.description]).sorted()
        draft.addTable(
            operation.table, sql, dialect: dialect,
            lock: targets.isEmpty ? nil : .shareRowExclusive(targets.joined(separator: ", ")),
            undoLock: Lock(
                mode: "ACCESS EXCLUSIVE",
                object: ([operation.table.description] + targets).joined(separator: ", "),
                duration: Lock.moment),
            targets.isEmpty
                ? "Nobody uses it yet, so nobody waits."
                : "Nobody uses it yet; only writers of the tables that it points at wait for a moment.")
    }
}

extension ColumnDefinition {
    /// What a column's SQL is for: a table that nobody uses yet takes everything at once.
    enum Place { case newTable, existingTable }

    /// The column's declaration.
    func postgresSQL(in table: TableName, for place: Place) -> String {
        let dialect = Dialect.postgres
        var parts = [dialect.quote(name), type[dialect] ?? ""]
        if let text = defaultValue?[dialect] {
            parts.append("DEFAULT \(PostgresDefault.isConstant(text) ? text : text.parenthesized)")
        }
        if !isNullable { parts.append("NOT NULL") }
        guard place == .newTable else { return parts.joined(separator: " ") }
        let names = ConstraintNames(dialect: dialect, table: table, column: name)
        if isPrimaryKey { parts.append("PRIMARY KEY") }
        if isUnique { parts.append("CONSTRAINT \(dialect.quote(names.unique ?? "")) UNIQUE") }
        if let text = check?[dialect] {
            parts.append("CONSTRAINT \(dialect.quote(names.check ?? "")) CHECK \(text.parenthesized)")
        }
        if let references {
            parts.append("CONSTRAINT \(dialect.quote(names.foreignKey ?? "")) \(references.sql(dialect))")
        }
        return parts.joined(separator: " ")
    }
}
