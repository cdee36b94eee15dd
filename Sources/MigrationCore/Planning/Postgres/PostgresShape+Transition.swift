import DoubleWrite

extension PostgresShape {
    func addTransition(to draft: inout OperationDraft) {
        draft.add(
            .transition, "verify-both",
            verify(
                "count the rows in which \(words.theTwo) differ, before \(words.newBecomes) the truth",
                "No transaction of the stage before is open any more."
                    + (change.isLossyDown ? "" : " Both directions in one snapshot."),
                change.bothWays + change.lateDemands, settles: true))
        draft.add(
            .transition, "flip-both-read-new",
            Step(
                "make \(words.new) the truth; both are still written",
                "The helper reads \(words.new) from here.", flip(.bothReadNew),
                undo: losses() + [
                    reverseBackfill,
                    verify(
                        "count the rows in which \(words.theTwo) differ, before \(words.oldIs) the truth again",
                        change.isLossyDown ? "" : "Both directions in one snapshot.", change.returned,
                        settles: true),
                    Step(
                        "make \(words.old) the truth again; both are still written",
                        "The helper reads \(words.old) from here.", flip(.both)),
                ]))
        draft.add(.transition, "release-read-new", rank: .readNewGate, words.readNewRelease)
        let last = (change.isLossyDown ? [] : change.oldIsNew) + change.lateDemands
        if !last.isEmpty {
            draft.add(
                .transition, "verify-old", rank: handOverRank,
                verify(
                    "count the rows in which \(words.oldDoes) not follow \(words.new)",
                    "Until here \(words.old) can be read again without loss.", last, settles: true))
        }
        draft.add(.transition, "flip-new", rank: handOverRank, handOver)
        draft.add(.transition, "release-new", rank: .newGate, words.newRelease)
    }

    /// A key is handed over when nothing refers to it any more.
    private var handOverRank: OperationDraft.Rank { isKey ? .keyHandOver : .handOver }

    /// From the old columns goes what would fail, or act on stale values, once nobody fills them; and the stage becomes
    /// `new`, in one transaction: before it everybody fills the old columns, behind it nobody has to.
    private var handOver: Step {
        let sql = handOverStatements
        let title = "write only \(words.new)"
        return Step(
            sql.isEmpty ? title : "take from \(words.old) what holds it to its values; \(title)",
            "The helper leaves \(words.old) alone from here"
                + (sql.isEmpty
                    ? "."
                    : ", so it keeps no constraint and no default: NOT NULL would refuse new rows, and a foreign key would "
                        + "act on values that are no longer true."),
            sql.isEmpty ? flip(.new) : statements(sql, flip: change.flip(.new)),
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
        var sql = change.news.compactMap { new in
            defaultOfItsOwn(new).map {
                "\(alter) ALTER COLUMN \(dialect.quote(new.physicalName)) SET DEFAULT \($0)"
            }
        }
        sql += sequences(to: change.physicalNames.first ?? "") + widenedSequences
        if let primaryKeyName { sql.append("\(alter) DROP CONSTRAINT \(dialect.quote(primaryKeyName))") }
        return sql + relaxation(\.name)
    }

    /// What goes from the old columns when nobody fills them any more.
    func relaxation(_ name: (Column) -> String) -> [String] {
        var sql: [String] = []
        var changes: [String] = []
        for column in change.olds.map(\.column) {
            let quoted = dialect.quote(name(column))
            if !column.isNullable { changes.append("ALTER COLUMN \(quoted) DROP NOT NULL") }
            if column.defaultValue != nil { changes.append("ALTER COLUMN \(quoted) DROP DEFAULT") }
        }
        changes += old.constraintNames.map { "DROP CONSTRAINT \(dialect.quote($0))" }
        if !changes.isEmpty { sql.append("\(alter) \(changes.joined(separator: ", "))") }
        sql += old.uniqueIndexes.map {
            "DROP INDEX \(dialect.quote(TableName(schema: table.name.schema, $0.name)))"
        }
        return sql
    }

    /// A default that gives every row the same value, and so may stand on both columns of a rename at once.
    var constantDefault: String? {
        guard change.isRename, let column = change.olds.first?.column else { return nil }
        return column.isDefaultVolatile ? nil : column.defaultValue
    }

    /// The default that a new column gets when it alone is written.
    func defaultOfItsOwn(_ new: ShapeChange.New) -> String? {
        flightDefault(new) == nil ? new.column.defaultValue : nil
    }

    /// The default that a new column has beside the old one.
    func flightDefault(_ new: ShapeChange.New) -> String? {
        switch change.sync {
        case .doubleWrite: constantDefault
        case .trigger: change.agreedDefault(of: new)
        }
    }

    /// A sequence goes with the column that owns it, and the new column may need it.
    func sequences(to column: String) -> [String] {
        change.olds.compactMap(\.column.ownedSequence).map {
            "ALTER SEQUENCE \($0) OWNED BY \(dialect.quote(table.name)).\(dialect.quote(column))"
        }
    }

    /// Back to `both-read-new`: whoever writes fills both again before anything holds the old column to its values.
    private var handBack: [Step] {
        var steps = losses(", before it begins") + misfits
        if !old.writingKeys.isEmpty { steps.append(clearOld) }
        steps.append(flipBack)
        steps.append(refill)
        return steps + restored(\.name) + countBeforeReading
    }

    /// An application with code of its own reads the old columns again behind the next gate, before the truth is theirs.
    private var countBeforeReading: [Step] {
        guard !change.isRename, !change.isLossyDown else { return [] }
        return [
            verify(
                "count the rows in which \(words.theTwo) differ, before anybody reads \(words.old) again",
                "Both directions in one snapshot. A value that only \(words.new) can hold stops the rollback here.",
                change.returned, settles: true)
        ]
    }

    /// What was on the old columns, made again beside the writers.
    func restored(_ name: (Column) -> String) -> [Step] {
        let columns = Dictionary(uniqueKeysWithValues: change.olds.map { ($0.column.name, name($0.column)) })
        let carrying = PostgresCarrying(columns: columns, name: { $0 })
        var steps: [Step] = []
        for index in old.uniqueIndexes {
            steps.append(
                restoreIndex(
                    index.name, carrying.build(index, on: table.name, isPartitioned: isPartitioned)))
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
            steps.append(restoreIndex(name, carrying.build(unique, on: table.name)))
            steps.append(
                Step(
                    "make that index the constraint '\(name)' again", "Nothing is read.",
                    statements(["\(alter) \(carrying.addition(unique))"]),
                    lock: .accessExclusive(table.name)))
        }
        for check in old.checks {
            steps += restore(
                check.name, validates: check.isValidated, carrying.addition(check),
                lock: .accessExclusive(table.name))
        }
        for key in old.passiveKeys {
            steps += restore(
                key.name, validates: key.isValidated, carrying.addition(key),
                lock: .foreignKey(from: table.name, to: key.target.table))
        }
        steps += old.writingKeys.filter(\.isValidated).map { validateAgain($0.name) }
        for column in change.olds.map(\.column) where !column.isNullable {
            steps += notNull(
                on: name(column), called: words.title(ofOld: column), name: column.notNullName
            ).map(\.step)
        }
        steps += restoredKey
        return steps
    }

    /// Empties the old column while nobody uses it, so that a foreign key that comes back finds no stale value to act on:
    /// with ON DELETE CASCADE it would delete the row of a parent that the row has long left.
    private var clearOld: Step { clearing(\.name) }

    func clearing(_ name: (Column) -> String) -> Step {
        let held = Set(old.writingKeys.flatMap(\.columns))
        let columns = change.olds.map(\.column).filter { held.contains($0.name) }.map {
            dialect.quote(name($0))
        }
        let values = columns.map { "\($0) IS NOT NULL" }.joined(separator: " OR ")
        return Step(
            "empty \(words.old)",
            "Nobody reads or writes it at this stage, and \(words.newHas) every value. Its foreign key comes back "
                + "in the next step and must not find values that are no longer true: it would act on them.",
            .backfill(
                Backfill(
                    table: table.name, assignments: columns.map { "\($0) = NULL" }.joined(separator: ", "),
                    mismatch: columns.count == 1 ? values : "(\(values))", key: table.primaryKey)),
            lock: .rowExclusive(table.name), scans: true, rewrites: true, settlesFirst: true)
    }

    private var flipBack: Step {
        var sql = clearingAgain
        sql += old.writingKeys.map { "\(alter) \(PostgresCarrying.originals.addition($0))" }
        for column in change.olds.map(\.column) {
            guard let value = column.defaultValue else { continue }
            sql.append("\(alter) ALTER COLUMN \(dialect.quote(column.name)) SET DEFAULT \(value)")
        }
        for new in change.news where defaultOfItsOwn(new) != nil {
            sql.append("\(alter) ALTER COLUMN \(dialect.quote(new.physicalName)) DROP DEFAULT")
        }
        sql += change.olds.compactMap { old in
            old.column.ownedSequence.map {
                "ALTER SEQUENCE \($0) OWNED BY \(dialect.quote(table.name)).\(dialect.quote(old.column.name))"
            }
        }
        sql += narrowedSequences
        return Step(
            "write \(words.bothColumns) again; \(words.newIs) the truth",
            "The helper fills \(words.old) from here."
                + (clearingAgain.isEmpty
                    ? ""
                    : " What an application with code of its own has written there meanwhile goes in the same "
                        + "transaction, before its foreign key is back; writers wait while the rows are looked through."),
            sql.isEmpty ? flip(.bothReadNew) : statements(sql, flip: change.flip(.bothReadNew)),
            lock: sql.isEmpty
                ? nil
                : .accessExclusive(
                    table.name, clearingAgain.isEmpty ? Lock.moment : "while its rows are looked through"),
            scans: !clearingAgain.isEmpty, settlesFirst: true)
    }

    /// Empties what was written since ``clearOld``: a release with code of its own, which writes both, fills the old
    /// column while the helper leaves it alone, and so leaves values in it that are no longer true.
    private var clearingAgain: [String] {
        guard !old.writingKeys.isEmpty, case .backfill(let clearing) = clearOld.action else { return [] }
        let quoted = dialect.quote(table.name)
        return [
            "LOCK TABLE \(quoted) IN ACCESS EXCLUSIVE MODE",
            "UPDATE \(quoted) SET \(clearing.assignments) WHERE \(clearing.mismatch)",
        ]
    }

    private func restoreIndex(_ name: String, _ action: Action) -> Step {
        Step(
            "build '\(name)' on \(words.old) again", "CONCURRENTLY: writers go on while it is built.",
            action, lock: .indexBuild(on: table), scans: true)
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
