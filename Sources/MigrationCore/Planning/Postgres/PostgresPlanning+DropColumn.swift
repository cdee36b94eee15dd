import DoubleWrite

/// `drop_column`, in PostgreSQL.
extension PostgresPlanning {
    func plan(_ operation: DropColumn, into draft: inout OperationDraft) {
        guard let (table, column) = context.check(operation, into: &draft) else { return }
        switch table.kind {
        case .ordinary, .partitioned: break
        case .partition, .inherited, .foreign, .virtual:
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), whose columns are not its own")
        }
        refuseReplication(of: table, into: &draft)
        refuseRowType(of: table, into: &draft)
        refuseDependents(
            of: column.name, in: table, advice: "change it so that it does without", into: &draft)
        warnOfFunctions(using: column.name, in: table, into: &draft)
        let relief = PostgresRelief(of: column, in: table)
        for check in relief.staying.checks {
            draft.warnings.append(
                "CHECK '\(check.name ?? "")' holds until '\(column.name)' is dropped: a release that leaves the column out "
                    + "stores \(column.defaultValue == nil ? "NULL" : "its default") there, which it has to accept."
            )
        }
        if let step = relief.step { draft.add(.expand, "relax", step) }
        let steps = DropColumnSteps(
            table: table.name, column: column.name, dialect: dialect, lock: .accessExclusive(table.name),
            goesAlong: relief.staying.words)
        steps.addRelease(returns: relief.step != nil, to: &draft)
        steps.addContract(drop: [], dropLock: .accessExclusive(table.name), rewrites: false, to: &draft)
    }
}

/// What a column must lose before the first release that leaves it out, because it would refuse that release's rows.
struct PostgresRelief {
    let table: Table
    let column: Column
    let dropsNotNull: Bool
    /// Constraints over this and other columns: the others are written on, beside a value that is not.
    let checks: [CheckConstraint]
    let uniques: [UniqueConstraint]
    let indexes: [Index]
    let dialect = Dialect.postgres

    init(of column: Column, in table: Table) {
        self.table = table
        self.column = column
        let all = PostgresConstraints(of: column.name, in: table)
        let hasDefault = column.defaultValue != nil || column.identity != nil || column.generated != nil
        let repeats = column.defaultValue != nil && !column.isDefaultVolatile
        dropsNotNull = !column.isNullable && !hasDefault
        checks = all.checks.filter { $0.columns.count > 1 }
        uniques = all.uniques.filter { repeats || $0.columns.count > 1 || $0.nullsNotDistinct }
        indexes = all.uniqueIndexes.filter { repeats || $0.columns.count > 1 }
    }

    /// What stays with the column until it is dropped.
    var staying: PostgresConstraints {
        var rest = table
        rest.checks.removeAll(where: checks.contains)
        rest.uniqueConstraints.removeAll(where: uniques.contains)
        rest.indexes.removeAll(where: indexes.contains)
        return PostgresConstraints(of: column.name, in: rest)
    }

    private var alter: String { "ALTER TABLE \(dialect.quote(table.name))" }

    /// The step that takes it all, or `nil` where there is nothing to take.
    var step: Step? {
        var changes = dropsNotNull ? ["ALTER COLUMN \(dialect.quote(column.name)) DROP NOT NULL"] : []
        changes += (checks.map(\.name) + uniques.map(\.name)).map {
            "DROP CONSTRAINT \(dialect.quote($0 ?? ""))"
        }
        var sql = changes.isEmpty ? [] : ["\(alter) \(changes.joined(separator: ", "))"]
        sql += indexes.map { "DROP INDEX \(dialect.quote(TableName(schema: table.name.schema, $0.name)))" }
        guard !sql.isEmpty else { return nil }
        return Step(
            "take from '\(column.name)' what would refuse rows without it",
            "The next release leaves '\(column.name)' out while the one before still writes it, so nothing may insist on "
                + "its value any more.",
            .statements(on: table.name, sql), lock: .accessExclusive(table.name), undo: undo)
    }

    /// Puts it back.
    private var undo: [Step] {
        var steps: [Step] = []
        let carrying = PostgresCarrying.originals
        for index in indexes {
            steps.append(
                build(
                    index.name,
                    carrying.build(index, on: table.name, isPartitioned: table.kind == .partitioned)))
        }
        for unique in uniques {
            steps.append(build(unique.name ?? "", carrying.build(unique, on: table.name)))
            steps.append(
                Step(
                    "make that index the constraint's again", "Nothing is read.",
                    .statements(on: table.name, ["\(alter) \(carrying.addition(unique))"]),
                    lock: .accessExclusive(table.name)))
        }
        for check in checks {
            steps.append(
                Step(
                    "add '\(check.name ?? "")' again, not validated",
                    "NOT VALID: it holds for every write from now on.",
                    .statements(on: table.name, ["\(alter) \(carrying.addition(check))"]),
                    lock: .accessExclusive(table.name)))
            guard check.isValidated else { continue }
            steps.append(
                Step(
                    "validate '\(check.name ?? "")' again", "Reads the rows beside the writers.",
                    .statements(on: table.name, ["\(alter) \(carrying.validation(check.name))"]),
                    lock: .shareUpdateExclusive(table.name, "while the rows are read"), scans: true))
        }
        if dropsNotNull {
            steps +=
                [countNulls]
                + PostgresNotNull(table: table.name, column: column.name, name: column.notNullName).steps.map(
                    \.step)
        }
        return steps
    }

    private func build(_ name: String, _ action: Action) -> Step {
        Step(
            "build '\(name)' again", "CONCURRENTLY: writers go on while it is built.", action,
            lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true)
    }

    private var countNulls: Step {
        Step(
            "count the rows without '\(column.name)'",
            "Rows that were written by the release that left it out have none. Give them a value first: NOT NULL cannot "
                + "come back before.",
            .verify(
                Verification(
                    table: table.name,
                    invariants: [
                        Verification.Invariant(
                            name: "\(column.name) is not NULL",
                            violation: "\(dialect.quote(column.name)) IS NULL")
                    ], sampleColumns: table.primaryKey + [column.name])),
            lock: .accessShare(table.name), scans: true, settlesFirst: true)
    }
}

extension PostgresConstraints {
    /// Each of it with its kind, for people.
    var words: [String] {
        indexes.map { "the index '\($0.name)'" } + uniques.map { "UNIQUE '\($0.name ?? "")'" }
            + checks.map { "CHECK '\($0.name ?? "")'" }
            + foreignKeys.map { "the foreign key '\($0.name ?? "")'" }
    }
}
