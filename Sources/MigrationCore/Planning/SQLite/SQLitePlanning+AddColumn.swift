import DoubleWrite

/// `add_column`, in SQLite, as far as `ALTER TABLE` reaches (<https://www.sqlite.org/lang_altertable.html>).
extension SQLitePlanning {
    func plan(_ operation: AddColumn, into draft: inout OperationDraft) {
        let definition = operation.column
        draft.touches.append(
            TouchedColumn(table: dialect.normalized(operation.table), column: definition.name))
        context.check(definition, path: "column", into: &draft)
        guard let table = context.table(operation.table, into: &draft) else { return }
        context.checkFree(definition.name, in: table, path: "column.name", into: &draft)
        context.refuseDuplicates(of: definition, into: &draft)
        if let target = definition.references {
            context.check(target, from: table, path: "column.references", into: &draft)
        }
        refuse(definition, in: table, into: &draft)
        ColumnProbes(beside: table.columns, in: context.schema).add(definition, path: "column", into: &draft)
        if definition.comment != nil {
            draft.warnings.append(
                "SQLite keeps no comments: that of '\(definition.name)' stands only in the migration's file.")
        }
        addColumn(definition, to: table, into: &draft)
        if definition.isUnique { addIndex(for: definition, to: table, into: &draft) }
    }

    private func refuse(_ definition: ColumnDefinition, in table: Table, into draft: inout OperationDraft) {
        if table.kind != .ordinary {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which takes no new column")
        }
        let text = definition.defaultValue?[dialect]
        if let text, !SQLiteLiteral.isConstant(text) {
            draft.refuse(
                "column.default",
                "the default is not a constant, and SQLite adds no column with such a default to a table that has rows; "
                    + "write a number, a text or NULL")
        }
        if definition.references != nil, let text, !SQLiteLiteral.isNull(text) {
            draft.refuse(
                "column.default",
                "SQLite adds no column that points at another table with a default other than NULL; leave it out"
            )
        }
        if definition.type[dialect]?.lowercased().contains("generated") ?? false {
            draft.refuse("column.type", "SQLite adds no stored generated column; add a plain one")
        }
    }

    private func addColumn(_ definition: ColumnDefinition, to table: Table, into draft: inout OperationDraft)
    {
        var added = definition
        added.isUnique = false
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        let readsRows = definition.check != nil
        draft.add(
            .expand, "add-column",
            Step(
                "add the column '\(definition.name)' to '\(table.name)'",
                (readsRows
                    ? "The rows that are there are read for the CHECK, and writers wait as long as that takes."
                    : "Only the schema changes, whatever the number of rows.")
                    + " The release that uses the column goes out after this phase.",
                .statements(on: table.name, ["\(alter) ADD COLUMN \(added.sqliteSQL)"]),
                lock: .reserved(readsRows ? "while the rows are read" : Lock.moment), scans: readsRows,
                undo: [
                    Step(
                        "drop the column '\(definition.name)' again",
                        "Values that were written to it are lost. SQLite writes every row anew for this, and writers "
                            + "wait as long as that takes.",
                        .statements(
                            on: table.name, ["\(alter) DROP COLUMN \(dialect.quote(definition.name))"]),
                        lock: .reserved("while the rows are written anew"), scans: true, rewrites: true)
                ]))
    }

    /// UNIQUE on a column that is added later is an index.
    private func addIndex(for definition: ColumnDefinition, to table: Table, into draft: inout OperationDraft)
    {
        let name = ConstraintNames(dialect: dialect, table: table.name, column: definition.name).uniqueIndex
        context.checkFreeObject(
            TableName(schema: table.name.schema, name), path: "column.unique", into: &draft)
        let index = CreateIndex(
            table: table.name, name: name, keys: [CreateIndex.Key(.column(definition.name))], isUnique: true)
        draft.add(.expand, "unique-index", step(for: index, on: table.name))
    }
}
