import DoubleWrite

extension PostgresShape {
    func addSyncContract(to draft: inout OperationDraft) {
        draft.add(
            .contract, "verify",
            agreement(last, "count the rows in which \(words.theTwo) differ, before \(words.oldIs) left"))
        draft.add(.contract, "retire", syncRetire)
        draft.add(.contract, "soak", rank: .soak, words.soak)
        let drops = change.oldNames.map { "DROP COLUMN \(dialect.quote(dialect.retiredName(of: $0)))" }
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what \(words.oldWas)",
                "Only the catalogue changes; the space of the values comes back as rows are written.",
                statements(
                    ["\(alter) \(drops.joined(separator: ", "))"] + new.finalNames(on: table.name)
                        + finalNotNullNames),
                lock: .accessExclusive(table.name), isReversible: false))
        draft.lossReason = words.loss
    }

    private var syncRetire: Step {
        let hidden = change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
        let sql =
            trigger(.new, isSwapped: change.keepsName).removal
            + (change.keepsName ? [] : defaultsOfNew(swapped: false))
            + relaxation { last.physicalName(of: $0) } + (change.keepsName ? widenedSequences : hidden)
        return Step(
            change.keepsName
                ? "keep \(words.old) in step no longer"
                : "retire \(words.old) under a hidden name, and keep it in step no longer",
            "The trigger goes, and from \(words.old) whatever holds it to its values: nobody fills it any more."
                + (change.keepsName
                    ? " Values that only the new type can hold may be written from here."
                    : " Whoever still uses it gets an error from here, while its values still exist."),
            statements(sql), lock: retireLock, settlesFirst: true, undo: syncAgain)
    }

    private var retireLock: Lock {
        let others = Set(old.foreignKeys.map(\.target.table.description)).subtracting([table.name.description]
        )
        let objects = [table.name.description] + others.sorted()
        return Lock(mode: "ACCESS EXCLUSIVE", object: objects.joined(separator: ", "), duration: Lock.moment)
    }

    /// First the names and the trigger, in one transaction, so that no write of either shape is missed, then the rows, then
    /// what holds the old columns to their values.
    private var syncAgain: [Step] {
        let name = { (column: Column) in last.physicalName(of: column) }
        // With the trigger, emptying the old columns would empty the new ones.
        var steps = old.writingKeys.isEmpty ? [] : [clearing { dialect.retiredName(of: $0.name) }]
        let names =
            change.keepsName
            ? [] : change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) }
        let columns = Dictionary(uniqueKeysWithValues: change.olds.map { ($0.column.name, name($0.column)) })
        let carrying = PostgresCarrying(columns: columns, name: { $0 })
        let keys = old.writingKeys.map { "\(alter) \(carrying.addition($0))" }
        steps.append(
            Step(
                change.keepsName
                    ? "keep \(words.old) in step again"
                    : "give \(words.old) \(words.oldNames) back, and keep both in step again",
                "From this transaction on every write fills \(words.old) as well; what counts is \(words.new). The rows written "
                    + "meanwhile are filled in the next step.",
                statements(
                    names + keys + (change.keepsName ? narrowedSequences : [])
                        + defaultsOfOld(swapped: change.keepsName, isRetired: true)
                        + trigger(.new, isSwapped: change.keepsName).creation),
                lock: .accessExclusive(table.name), settlesFirst: true))
        steps.append(
            fill(
                last, .old, "copy \(words.new) back to \(words.old)",
                "Whatever was written to \(words.new) alone comes back to \(words.old)."))
        steps.append(agreement(last, "count the rows in which \(words.theTwo) differ"))
        return steps + restored(name)
    }
}

// MARK: - Pieces

extension PostgresShape {
    func roundTrip(besides newTables: Set<TableName>) -> Step? {
        let demands = demands(besides: newTables)
        guard !demands.isEmpty else { return nil }
        return Step(
            "count the rows that would not survive the change",
            "Every value goes to the new shape and back, and nothing is written. Any row that comes back as another one, or "
                + "that the new columns would refuse, stops the migration here.",
            .verify(
                Verification(
                    table: table.name, invariants: demands,
                    sampleColumns: (table.primaryKey + change.oldNames).uniqued,
                    sampleValues: change.demandSamples)),
            lock: .accessShare(table.name), scans: true)
    }

    func fill(_ sync: SyncTrigger, _ side: SyncTrigger.Side, _ title: String, _ explanation: String)
        -> Step
    {
        backfill(title, explanation, sync.assignments(side), sync.strays(side, of: nil))
    }

    func agreement(
        _ sync: SyncTrigger, _ title: String, more: [Verification.Invariant] = []
    ) -> Step {
        Step(
            title,
            change.isLossyDown
                ? "Any row stops the migration here. What is forgotten on the way is not counted (lossy_down)."
                : "Both directions are counted in one statement, so in one snapshot; any row stops the migration here.",
            .verify(
                Verification(
                    table: table.name, invariants: sync.agreement { sync.strays($0, of: nil) } + more,
                    sampleColumns: (table.primaryKey + sync.physicalNames).uniqued)),
            lock: .accessShare(table.name), scans: true)
    }

    /// What the new columns get when they are on their own, or, swapped, when they bear the old ones' names.
    func defaultsOfNew(swapped: Bool) -> [String] {
        let names = change.news.map { swapped ? $0.column.name : $0.physicalName }
        var sql = zip(change.news, names).compactMap { new, name in
            defaultOfItsOwn(new).map { "\(alter) ALTER COLUMN \(dialect.quote(name)) SET DEFAULT \($0)" }
        }
        sql += sequences(to: names.first ?? "")
        guard swapped else { return sql }
        return sql
            + varying.map {
                "\(alter) ALTER COLUMN \(dialect.quote(dialect.retiredName(of: $0.name))) DROP DEFAULT"
            }
    }

    /// The old columns' defaults again. Of retired ones whose name is the new one's, that default stays away which goes
    /// with the name.
    func defaultsOfOld(swapped: Bool, isRetired: Bool = false) -> [String] {
        let columns = change.olds.map(\.column)
        if swapped, isRetired {
            return columns.filter { column in !varying.contains { $0.name == column.name } }.compactMap {
                column in
                column.defaultValue.map {
                    "\(alter) ALTER COLUMN \(dialect.quote(dialect.retiredName(of: column.name))) SET DEFAULT \($0)"
                }
            }
        }
        let back = (swapped ? varying : columns).compactMap { column in
            column.defaultValue.map {
                "\(alter) ALTER COLUMN \(dialect.quote(column.name)) SET DEFAULT \($0)"
            }
        }
        let gone = change.news.filter { defaultOfItsOwn($0) != nil }.map {
            "\(alter) ALTER COLUMN \(dialect.quote($0.physicalName)) DROP DEFAULT"
        }
        let owners = change.olds.map(\.column).compactMap { column in
            column.ownedSequence.map {
                "ALTER SEQUENCE \($0) OWNED BY \(dialect.quote(table.name)).\(dialect.quote(column.name))"
            }
        }
        return back + gone + owners
    }

    private var varying: [Column] {
        change.olds.map(\.column).filter { SyncTrigger.Usual(of: $0, dialect) == .varying }
    }
}
