import DoubleWrite

/// `move_column`, in PostgreSQL: the expand locks the source first, so that no write of one table alone straddles it.
extension PostgresPlanning {
    func plan(_ operation: MoveColumn, into draft: inout OperationDraft) {
        guard let moved = context.check(operation, into: &draft) else { return }
        refuse(moved, into: &draft)
        warnOfFunctions(using: operation.column, in: moved.source, into: &draft)
        let sql = MoveColumnSQL(
            operation: operation, dialect: dialect, isExact: moved.column.hasExactEquality)
        MoveColumnSteps(
            operation: operation, key: moved.source.primaryKey,
            generation: context.generation(of: operation.changeID), sql: sql, parts: parts(of: moved)
        ).add(to: &draft)
    }

    private func refuse(_ moved: MovedColumn, into draft: inout OperationDraft) {
        for (table, path) in [(moved.source, "table"), (moved.target, "to_table")] {
            if table.kind != .ordinary {
                draft.refuse(
                    path,
                    "'\(table.name)' is \(table.kind.words), and columns move only between ordinary tables so far"
                )
            }
            if let security = table.rowSecurity {
                let names = security.policies.map { "'\($0)'" }.joined(separator: ", ")
                draft.refuse(
                    path,
                    "row security of '\(table.name)' is active for the role that migrates"
                        + "\(names.isEmpty ? "" : " (policies: \(names))"), and rows that it does not see would not be moved; "
                        + "migrate as a role with BYPASSRLS")
            }
            refuseReplication(of: table, into: &draft)
            refuseRowType(of: table, into: &draft)
            for column in table.columns where column.domain?.refusesNull ?? false {
                draft.refuse(
                    path,
                    "the type of '\(column.name)' of '\(table.name)', the domain '\(column.type)', refuses NULL, and the "
                        + "helper's look-up of a table's columns makes an empty row of it; take NOT NULL from the domain"
                )
            }
        }
        if let domain = moved.column.domain, domain.isConstrained || domain.hasDefault {
            draft.refuse(
                "column",
                "the type of '\(moved.column.name)' is the domain '\(moved.column.type)' with a constraint or a default: to add "
                    + "such a column the database writes every row of '\(moved.target.name)' anew and keeps everyone out"
            )
        }
        refuseDependents(
            of: moved.column.name, in: moved.source, advice: "leave the column where it is", into: &draft)
        probeInsertion(moved, into: &draft)
    }

    /// Whether a row with NULL in the other columns may be in the target is for its own constraints to say.
    private func probeInsertion(_ moved: MovedColumn, into draft: inout OperationDraft) {
        let others = moved.target.checks.filter { check in
            !check.columns.isSubset(of: moved.operation.join.map(\.target))
        }
        guard !others.isEmpty else { return }
        let copy = dialect.quote("_bellows_probe")
        let (from, to) = (moved.operation.join.map(\.source), moved.operation.join.map(\.target))
        draft.probe(
            "to_table", "a row of '\(moved.target.name)' with NULL in its other columns",
            [
                "CREATE TEMPORARY TABLE \(copy) (LIKE \(dialect.quote(moved.target.name)) INCLUDING CONSTRAINTS) ON COMMIT DROP",
                "INSERT INTO \(copy) (\(dialect.quote(to))) SELECT \(dialect.quote(from)) FROM "
                    + "\(dialect.quote(moved.source.name)) LIMIT 1",
            ],
            advice:
                "such rows are inserted where '\(moved.source.name)' has a value and '\(moved.target.name)' no row; change "
                + "the constraint, or give '\(moved.target.name)' its rows first")
    }

    private func parts(of moved: MovedColumn) -> MoveColumnSteps.Parts {
        let (column, source, target) = (moved.column, moved.source.name, moved.target.name)
        let to = moved.operation.to
        let alter = "ALTER TABLE \(dialect.quote(target))"
        let collation = column.collation.map { " COLLATE \($0)" } ?? ""
        var add = [
            "LOCK TABLE \(dialect.quote(source)) IN SHARE ROW EXCLUSIVE MODE",
            "\(alter) ADD COLUMN \(dialect.quote(to)) \(column.type)\(collation)",
        ]
        if let comment = column.comment {
            add.append(
                "COMMENT ON COLUMN \(dialect.quote(target)).\(dialect.quote(to)) IS \(dialect.literal(comment))"
            )
        }
        add += column.grants.map { $0.statement(column: to, table: target) }
        add += (column.settings ?? []).map { "\(alter) ALTER COLUMN \(dialect.quote(to)) \($0)" }
        return MoveColumnSteps.Parts(
            addColumn: add,
            addLock: Lock(
                mode: "SHARE ROW EXCLUSIVE on \(source), then ACCESS EXCLUSIVE", object: target.description,
                duration: Lock.moment),
            dropLock: { .accessExclusive($0) }, dropRewrites: false, beforeDrop: [],
            renameLock: .accessExclusive(source), batchLock: .rowExclusive(target),
            countLock: Lock(
                mode: "ACCESS SHARE", object: "\(source) and \(target)",
                duration: "while the rows are counted"),
            dropWords: "Only the catalogue changes; the space of the values comes back as rows are written.")
    }
}
