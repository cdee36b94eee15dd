import DoubleWrite

/// `add_column`, in PostgreSQL: the catalogue changes, and what must read the rows reads them beside the writers.
extension PostgresPlanning {
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
        if let type = definition.type[dialect], !ColumnProbes.isBuiltIn(type) {
            draft.probe(
                "column.type", "the type of '\(definition.name)'",
                PostgresProbe.plainType(type, orHasDefault: false),
                advice:
                    "the database writes every row anew for such a column and keeps everyone out; name the domain's own "
                    + "type, and declare what it demands with the column (check, nullable)")
        }
        refuseRowType(of: table, into: &draft)
        for publication in table.publications {
            draft.warnings.append(
                "'\(table.name)' is in the publication '\(publication)': its subscribers stop until they have the column "
                    + "'\(definition.name)' as well. Add it there first.")
        }
        addSteps(for: definition, to: table, into: &draft)
    }

    private func refuse(_ definition: ColumnDefinition, in table: Table, into draft: inout OperationDraft) {
        switch table.kind {
        case .ordinary, .inherited: break
        case .partitioned where !definition.isUnique && definition.references == nil: break
        case .partitioned, .partition, .foreign, .virtual:
            draft.refuse(
                "table",
                "'\(table.name)' is \(table.kind.words), to which this cannot be added beside writers")
        }
        let type = definition.type[dialect]?.lowercased() ?? ""
        if type.contains("serial") || type.contains("generated") {
            draft.refuse(
                "column.type",
                "'\(type)' gives every row that is there a value of its own, so the whole table would be written anew "
                    + "under a lock; add a plain column, and fill it by the application")
        }
        if let text = definition.defaultValue?[dialect], !PostgresDefault.isEvaluatedOnce(text) {
            draft.refuse(
                "column.default",
                "the default is not a constant: if it is another value each time, the whole table is written anew under a "
                    + "lock; add the column without it, or with a constant")
        }
    }

    private func addSteps(for definition: ColumnDefinition, to table: Table, into draft: inout OperationDraft)
    {
        let carrying = PostgresCarrying.originals
        let names = ConstraintNames(dialect: dialect, table: table.name, column: definition.name)
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        addColumn(definition, to: table, into: &draft)
        if definition.isUnique {
            let unique = UniqueConstraint(name: names.unique, columns: [definition.name])
            draft.add(
                .expand, "unique-index",
                Step(
                    "build the index of UNIQUE on '\(definition.name)'",
                    "CONCURRENTLY: writers go on while it is built. It goes with the column.",
                    carrying.build(unique, on: table.name),
                    lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true))
            draft.add(
                .expand, "unique",
                Step(
                    "make that index the constraint's", "The index is there already, so nothing is read.",
                    .statements(on: table.name, ["\(alter) \(carrying.addition(unique))"]),
                    lock: .accessExclusive(table.name)))
        }
        if let text = definition.check?[dialect] {
            let check = CheckConstraint(
                name: names.check, definition: SQLTemplate([.text("CHECK \(text.parenthesized)")]),
                columns: [])
            addValidated(
                "check", names.check, carrying.addition(check), .accessExclusive(table.name), table, &draft)
        }
        if let target = definition.references {
            let key = ForeignKey(name: names.foreignKey, columns: [definition.name], target: target)
            addValidated(
                "foreign-key", names.foreignKey, carrying.addition(key),
                .foreignKey(from: table.name, to: target.table), table, &draft)
        }
    }

    private func addColumn(_ definition: ColumnDefinition, to table: Table, into draft: inout OperationDraft)
    {
        let quoted = dialect.quote(table.name)
        let alter = "ALTER TABLE \(quoted)"
        var sql = ["\(alter) ADD COLUMN \(definition.postgresSQL(in: table.name, for: .existingTable))"]
        if let comment = definition.comment {
            sql.append(
                "COMMENT ON COLUMN \(quoted).\(dialect.quote(definition.name)) IS \(dialect.literal(comment))"
            )
        }
        draft.add(
            .expand, "add-column",
            Step(
                "add the column '\(definition.name)' to '\(table.name)'",
                (definition.defaultValue == nil
                    ? "Only the catalogue changes, whatever the number of rows."
                    : "Only the catalogue changes, whatever the number of rows: the default is evaluated once, and the "
                        + "rows that are there show it without being written.")
                    + " The release that uses the column goes out after this phase.",
                .statements(on: table.name, sql), lock: .accessExclusive(table.name),
                undo: [
                    Step(
                        "drop the column '\(definition.name)' again",
                        "Values that were written to it are lost.",
                        .statements(
                            on: table.name, ["\(alter) DROP COLUMN \(dialect.quote(definition.name))"]),
                        lock: .accessExclusive(table.name))
                ]))
    }

    private func addValidated(
        _ slug: String, _ name: String?, _ addition: String, _ lock: Lock, _ table: Table,
        _ draft: inout OperationDraft
    ) {
        let alter = "ALTER TABLE \(dialect.quote(table.name))"
        draft.add(
            .expand, slug,
            Step(
                "add '\(name ?? "")', not validated",
                "NOT VALID: it holds for every write from now on; the rows that are there are read in the next step.",
                .statements(on: table.name, ["\(alter) \(addition)"]), lock: lock))
        draft.add(
            .expand, slug + "-validate",
            Step(
                "validate '\(name ?? "")'", "Reads the rows beside the writers.",
                .statements(on: table.name, ["\(alter) \(PostgresCarrying.originals.validation(name))"]),
                lock: .shareUpdateExclusive(table.name, "while the rows are read"), scans: true))
    }
}
