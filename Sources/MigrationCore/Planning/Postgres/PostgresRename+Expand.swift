import DoubleWrite

extension PostgresRename {
    func addExpand(to draft: inout OperationDraft) {
        draft.add(.doubleWrite, "release", words.doubleWriteRelease)
        draft.add(.expand, "add-column", addColumn)
        draft.add(
            .expand, "backfill",
            backfill(
                "copy '\(operation.from)' to '\(operation.to)'",
                "In small batches, beside the writers, until one count over the whole table finds no row in which "
                    + "'\(operation.to)' differs from '\(operation.from)'.",
                from: quotedOld, to: quotedNew))
        addIndexes(to: &draft)
        addConstraints(to: &draft)
        draft.add(
            .expand, "verify",
            verify(
                "count the rows in which the two columns differ",
                "Both directions are counted in one statement, so in one snapshot; any row stops the migration here.",
                [newIsOld, oldIsNew], settles: false))
    }

    private var addColumn: Step {
        let keys = old.writingKeys
        var sql = [
            "\(alter) ADD COLUMN \(quotedNew) \(column.type)\(column.collation.map { " COLLATE \($0)" } ?? "")"
        ]
        if let constantDefault {
            sql.append("\(alter) ALTER COLUMN \(quotedNew) SET DEFAULT \(constantDefault)")
        }
        if let comment = column.comment {
            sql.append(
                "COMMENT ON COLUMN \(dialect.quote(table.name)).\(quotedNew) IS \(dialect.literal(comment))")
        }
        sql += column.grants.map { $0.statement(column: operation.to, table: table.name) }
        sql += (column.settings ?? []).map { "\(alter) ALTER COLUMN \(quotedNew) \($0)" }
        sql += keys.map { "\(alter) \(carrying.addition($0))" }
        return Step(
            "add '\(operation.to)' beside '\(operation.from)'",
            addColumnExplanation(keys),
            statements(sql, flip: flip(.both, generation: generation)),
            lock: .accessExclusive(table.name), undo: [dropNewColumn])
    }

    private func addColumnExplanation(_ keys: [ForeignKey]) -> String {
        var text =
            "The column is empty and without a default for existing rows, so only the catalogue changes, whatever the "
            + "number of rows. In the same transaction the helper's stage becomes 'both': from here every write goes "
            + "to both columns, and '\(operation.from)' is the truth."
        if constantDefault != nil {
            text += " The default is the same for every row and holds for rows inserted from now on."
        }
        if !keys.isEmpty {
            let names = keys.compactMap(\.name).map { "'\($0)'" }.joined(separator: ", ")
            text +=
                " By \(names) the database itself writes '\(operation.from)' when the referenced row changes; its "
                + "copy begins with the column, not validated yet, so that such a write reaches both."
        }
        return text
    }

    private var dropNewColumn: Step {
        Step(
            "drop '\(operation.to)' again",
            "'\(operation.from)' is the truth and has every value. What was built on '\(operation.to)' goes with it, "
                + "and the helper's stage becomes 'old' in the same transaction.",
            statements(["\(alter) DROP COLUMN \(quotedNew)"], flip: flip(.old)),
            lock: .accessExclusive(table.name), settlesFirst: true)
    }

    private func addIndexes(to draft: inout OperationDraft) {
        for (number, index) in old.indexes.enumerated() {
            resolve(index.definition, of: "index '\(index.name)'", into: &draft)
            draft.add(
                .expand, "index-\(number + 1)",
                Step(
                    "build the copy of index '\(index.name)' on '\(operation.to)'", Self.indexExplanation,
                    carrying.build(index, on: table.name),
                    lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true))
            if let comment = index.comment {
                let name = TableName(schema: table.name.schema, carrying.name(index.name))
                draft.add(
                    .expand, "index-\(number + 1)-comment",
                    Step(
                        "comment on the copy of index '\(index.name)'", "",
                        statements(["COMMENT ON INDEX \(dialect.quote(name)) IS \(dialect.literal(comment))"]
                        ),
                        lock: .shareUpdateExclusive(table.name, Lock.moment)))
            }
        }
        for (number, unique) in old.uniques.enumerated() {
            let name = unique.name ?? ""
            draft.add(
                .expand, "unique-\(number + 1)-index",
                Step(
                    "build the index of the copy of '\(name)' on '\(operation.to)'", Self.indexExplanation,
                    carrying.build(unique, on: table.name),
                    lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true))
            draft.add(
                .expand, "unique-\(number + 1)",
                Step(
                    "make that index the constraint's", "The index is there already, so nothing is read.",
                    statements(["\(alter) \(carrying.addition(unique))"]),
                    lock: .accessExclusive(table.name)))
        }
    }

    static let indexExplanation =
        "CONCURRENTLY: writers go on while it is built. An interrupted build is dropped and begun again. Its name is "
        + "a temporary one until the old column is gone."

    private func addConstraints(to draft: inout OperationDraft) {
        for (number, check) in old.checks.enumerated() {
            let isOpen = resolve(check.definition, of: "CHECK '\(check.name ?? "")'", into: &draft)
            let addition =
                isOpen
                ? "-- CHECK '\(check.name ?? "")' said of '\(operation.to)': the database writes it"
                : "\(alter) \(carrying.addition(check))"
            draft.add(
                .expand, "check-\(number + 1)",
                addNotValid("CHECK '\(check.name ?? "")'", addition, lock: .accessExclusive(table.name)))
            if check.isValidated { draft.add(.expand, "check-\(number + 1)-validate", validate(check.name)) }
        }
        for (number, key) in old.foreignKeys.enumerated() {
            if !key.writes {
                draft.add(
                    .expand, "foreign-key-\(number + 1)",
                    addNotValid(
                        "foreign key '\(key.name ?? "")'", "\(alter) \(carrying.addition(key))",
                        lock: .foreignKey(from: table.name, to: key.target.table)))
            }
            if key.isValidated {
                draft.add(.expand, "foreign-key-\(number + 1)-validate", validate(key.name))
            }
        }
        if old.isNotNull {
            for (slug, step) in notNull(on: operation.to) { draft.add(.expand, slug, step) }
        }
    }

    private func addNotValid(_ what: String, _ statement: String, lock: Lock) -> Step {
        Step(
            "add the copy of \(what) on '\(operation.to)', not validated",
            "NOT VALID: it holds for every write from now on; the rows that are there are read in the next step.",
            statements([statement]), lock: lock)
    }

    private func validate(_ name: String?) -> Step {
        Step(
            "validate the copy of '\(name ?? "")'", "Reads the rows beside the writers.",
            statements(["\(alter) \(carrying.validation(name))"]),
            lock: .shareUpdateExclusive(table.name, "while the rows are read"), scans: true)
    }

    /// Notes what only the server can say of another column. Returns whether there is any.
    @discardableResult
    private func resolve(_ template: SQLTemplate, of object: String, into draft: inout OperationDraft) -> Bool
    {
        guard !template.columns.contains(operation.from) else { return false }
        draft.unresolved.append(
            "\(object) of '\(table.name)' uses '\(operation.from)', and how it reads for '\(operation.to)' only the "
                + "database can write: plan against the database to see it")
        return true
    }
}

extension PostgresRename {
    /// NOT NULL without a scan under a lock: a validated CHECK proves it.
    /// (<https://www.postgresql.org/docs/current/sql-altertable.html>, SET NOT NULL)
    func notNull(on name: String) -> [(slug: String, step: Step)] {
        PostgresNotNull(table: table.name, column: name).steps
    }
}

/// The steps that make a column NOT NULL beside writers.
struct PostgresNotNull {
    let table: TableName
    let column: String
    let dialect = Dialect.postgres

    var alter: String { "ALTER TABLE \(dialect.quote(table))" }
    var check: String { dialect.quote(dialect.shortened("_bellows_not_null_" + column)) }
    private var quoted: String { dialect.quote(column) }

    var steps: [(slug: String, step: Step)] {
        [
            (
                "not-null-check",
                Step(
                    "refuse NULL in '\(column)' from now on",
                    "NOT VALID: the rows that are there are read in the next step.",
                    .statements(
                        on: table,
                        ["\(alter) ADD CONSTRAINT \(check) CHECK (\(quoted) IS NOT NULL) NOT VALID"]),
                    lock: .accessExclusive(table))
            ),
            (
                "not-null-validate",
                Step(
                    "read the rows for NULL in '\(column)'", "Reads the rows beside the writers.",
                    .statements(on: table, ["\(alter) VALIDATE CONSTRAINT \(check)"]),
                    lock: .shareUpdateExclusive(table, "while the rows are read"), scans: true)
            ),
            (
                "not-null",
                Step(
                    "make '\(column)' NOT NULL",
                    "The validated CHECK proves it, so no row is read; then the CHECK has done its work and goes.",
                    .statements(
                        on: table,
                        [
                            "\(alter) ALTER COLUMN \(quoted) SET NOT NULL",
                            "\(alter) DROP CONSTRAINT \(check)",
                        ]),
                    lock: .accessExclusive(table))
            ),
        ]
    }
}

extension ColumnGrant {
    /// `GRANT SELECT ("species") ON "public"."animals" TO "reader"`.
    func statement(column: String, table: TableName) -> String {
        let dialect = Dialect.postgres
        let role = grantee.map(dialect.quote) ?? "PUBLIC"
        let option = isGrantable ? " WITH GRANT OPTION" : ""
        return
            "GRANT \(privilege) (\(dialect.quote(column))) ON \(dialect.quote(table)) TO \(role)\(option)"
    }
}
