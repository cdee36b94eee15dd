import DoubleWrite

extension PostgresRename {
    func addTransition(to draft: inout OperationDraft) {
        draft.add(
            .transition, "verify-both",
            verify(
                "count the rows in which the two columns differ, before '\(operation.to)' becomes the truth",
                "No transaction of the stage before is open any more. Both directions in one snapshot.",
                [newIsOld, oldIsNew], settles: true))
        draft.add(
            .transition, "flip-both-read-new",
            Step(
                "make '\(operation.to)' the truth; both are still written",
                "The helper reads '\(operation.to)' from here.",
                words.flip(.bothReadNew),
                undo: [
                    reverseBackfill,
                    verify(
                        "count the rows in which the two columns differ, before '\(operation.from)' is the truth again",
                        "Both directions in one snapshot.", [newIsOld, oldIsNew], settles: true),
                    Step(
                        "make '\(operation.from)' the truth again; both are still written",
                        "The helper reads '\(operation.from)' from here.", words.flip(.both)),
                ]))
        draft.add(.transition, "release-read-new", rank: .readNewGate, words.readNewRelease)
        draft.add(
            .transition, "verify-old", rank: .handOver,
            verify(
                "count the rows in which '\(operation.from)' does not follow '\(operation.to)'",
                "Until here '\(operation.from)' can be read again without loss.", [oldIsNew], settles: true))
        draft.add(.transition, "flip-new", rank: .handOver, handOver)
        draft.add(.transition, "release-new", rank: .newGate, words.newRelease)
    }

    /// From the old column goes what would fail, or act on stale values, once nobody fills it; and the stage becomes
    /// `new`, in one transaction: before it everybody fills the old column, behind it nobody has to.
    private var handOver: Step {
        let sql = handOverStatements
        let title = "write only '\(operation.to)'"
        return Step(
            sql.isEmpty ? title : "take from '\(operation.from)' what holds it to its values; \(title)",
            "The helper leaves '\(operation.from)' alone from here, so it keeps no constraint and no default: NOT NULL "
                + "would refuse new rows, and a foreign key would act on values that are no longer true.",
            sql.isEmpty ? words.flip(.new) : statements(sql, flip: flip(.new)),
            lock: sql.isEmpty ? nil : handOverLock,
            undo: handBack)
    }

    private var handOverLock: Lock {
        let others = Set(old.foreignKeys.map(\.target.table.description)).subtracting([table.name.description]
        )
        let objects = [table.name.description] + others.sorted()
        return Lock(mode: "ACCESS EXCLUSIVE", object: objects.joined(separator: ", "), duration: Lock.moment)
    }

    private var handOverStatements: [String] {
        var sql: [String] = []
        if let volatileDefault {
            sql.append("\(alter) ALTER COLUMN \(quotedNew) SET DEFAULT \(volatileDefault)")
        }
        if let sequence = column.ownedSequence {
            sql.append("ALTER SEQUENCE \(sequence) OWNED BY \(dialect.quote(table.name)).\(quotedNew)")
        }
        var changes: [String] = []
        if old.isNotNull { changes.append("ALTER COLUMN \(quotedOld) DROP NOT NULL") }
        if column.defaultValue != nil { changes.append("ALTER COLUMN \(quotedOld) DROP DEFAULT") }
        let names = old.checks.map(\.name) + old.uniques.map(\.name) + old.foreignKeys.map(\.name)
        changes += names.map { "DROP CONSTRAINT \(dialect.quote($0 ?? ""))" }
        if !changes.isEmpty { sql.append("\(alter) \(changes.joined(separator: ", "))") }
        sql += old.uniqueIndexes.map {
            "DROP INDEX \(dialect.quote(TableName(schema: table.name.schema, $0.name)))"
        }
        return sql
    }

    /// Back to `both-read-new`: whoever writes fills both again before anything holds the old column to its values.
    private var handBack: [Step] {
        var steps: [Step] = []
        if !old.writingKeys.isEmpty { steps.append(clearOld) }
        steps.append(flipBack)
        steps.append(reverseBackfill)
        for index in old.uniqueIndexes {
            steps.append(restoreIndex(index.name, PostgresCarrying.originals.build(index, on: table.name)))
            if let comment = index.comment {
                let name = TableName(schema: table.name.schema, index.name)
                steps.append(
                    Step(
                        "comment on index '\(index.name)' again", "",
                        statements(["COMMENT ON INDEX \(dialect.quote(name)) IS \(dialect.literal(comment))"]
                        ),
                        lock: .shareUpdateExclusive(table.name, Lock.moment)))
            }
        }
        for unique in old.uniques {
            let name = unique.name ?? ""
            steps.append(restoreIndex(name, PostgresCarrying.originals.build(unique, on: table.name)))
            steps.append(
                Step(
                    "make that index the constraint's again", "Nothing is read.",
                    statements(["\(alter) \(PostgresCarrying.originals.addition(unique))"]),
                    lock: .accessExclusive(table.name)))
        }
        for check in old.checks {
            steps += restore(
                check.name, validates: check.isValidated, PostgresCarrying.originals.addition(check),
                lock: .accessExclusive(table.name))
        }
        for key in old.passiveKeys {
            steps += restore(
                key.name, validates: key.isValidated, PostgresCarrying.originals.addition(key),
                lock: .foreignKey(from: table.name, to: key.target.table))
        }
        steps += old.writingKeys.filter(\.isValidated).map { validateAgain($0.name) }
        if old.isNotNull { steps += notNull(on: operation.from).map(\.step) }
        return steps
    }

    /// Empties the old column while nobody uses it, so that a foreign key that comes back finds no stale value to act on:
    /// with ON DELETE CASCADE it would delete the row of a parent that the row has long left.
    private var clearOld: Step {
        Step(
            "empty '\(operation.from)'",
            "Nobody reads or writes it at this stage, and '\(operation.to)' has every value. Its foreign key comes back "
                + "in the next step and must not find values that are no longer true: it would act on them.",
            .backfill(
                Backfill(
                    table: table.name, assignments: "\(quotedOld) = NULL",
                    mismatch: "\(quotedOld) IS NOT NULL",
                    key: table.primaryKey)),
            lock: .rowExclusive(table.name), scans: true, rewrites: true, settlesFirst: true)
    }

    private var flipBack: Step {
        var sql = old.writingKeys.map { "\(alter) \(PostgresCarrying.originals.addition($0))" }
        if let defaultValue = column.defaultValue {
            sql.append("\(alter) ALTER COLUMN \(quotedOld) SET DEFAULT \(defaultValue)")
        }
        if column.isDefaultVolatile { sql.append("\(alter) ALTER COLUMN \(quotedNew) DROP DEFAULT") }
        if let sequence = column.ownedSequence {
            sql.append("ALTER SEQUENCE \(sequence) OWNED BY \(dialect.quote(table.name)).\(quotedOld)")
        }
        return Step(
            "write both columns again; '\(operation.to)' is the truth",
            "The helper fills '\(operation.from)' from here.",
            sql.isEmpty ? words.flip(.bothReadNew) : statements(sql, flip: flip(.bothReadNew)),
            lock: sql.isEmpty ? nil : .accessExclusive(table.name), settlesFirst: true)
    }

    private func restoreIndex(_ name: String, _ action: Action) -> Step {
        Step(
            "build '\(name)' on '\(operation.from)' again", "CONCURRENTLY: writers go on while it is built.",
            action,
            lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true)
    }

    private func restore(_ name: String?, validates: Bool, _ addition: String, lock: Lock) -> [Step] {
        let step = Step(
            "add '\(name ?? "")' again, not validated", "NOT VALID: it holds for every write from now on.",
            statements(["\(alter) \(addition)"]), lock: lock)
        return validates ? [step, validateAgain(name)] : [step]
    }

    private func validateAgain(_ name: String?) -> Step {
        Step(
            "validate '\(name ?? "")' again", "Reads the rows beside the writers.",
            statements(["\(alter) \(PostgresCarrying.originals.validation(name))"]),
            lock: .shareUpdateExclusive(table.name, "while the rows are read"), scans: true)
    }
}
