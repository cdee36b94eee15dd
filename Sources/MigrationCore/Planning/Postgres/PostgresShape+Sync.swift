import DoubleWrite

/// `sync: trigger`: the database keeps both shapes in step, so there are no stages; releases of either shape run side by
/// side until the old one is left.
extension PostgresShape {
    func addSynchronized(to draft: inout OperationDraft) {
        addSyncExpand(to: &draft)
        draft.add(
            .transition, "verify-both",
            agreement(
                sync(.old),
                "count the rows in which \(words.theTwo) differ, before releases of the new shape come",
                more: change.lateDemands))
        if change.keepsName {
            draft.add(.transition, "release-either", rank: .readNewGate, syncWords.eitherRelease)
            draft.add(.transition, "swap", rank: .handOver, syncSwap)
            for (number, check) in new.lateChecks.enumerated() {
                let slug = number == 0 ? "check" : "check-\(number + 1)"
                draft.add(
                    .transition, slug + "-validate", rank: .handOver,
                    validate(check.name, "CHECK '\(check.name ?? "")'"))
            }
            draft.add(.transition, "release-new", rank: .newGate, syncWords.typedRelease)
        } else {
            if !change.isRename { draft.add(.transition, "turn", turn) }
            draft.add(.transition, "release-new", rank: .newGate, syncWords.newRelease)
        }
        addSyncContract(to: &draft)
    }

    private var syncWords: SyncWords { SyncWords(change) }

    private func sync(_ truth: SyncTrigger.Side, isSwapped: Bool = false) -> SyncTrigger {
        SyncTrigger(change, truth: truth, isSwapped: isSwapped)
    }

    private func trigger(_ truth: SyncTrigger.Side, isSwapped: Bool = false) -> PostgresSyncTrigger {
        PostgresSyncTrigger(sync(truth, isSwapped: isSwapped))
    }

    /// The trigger as it is when the new shape alone is left.
    private var last: SyncTrigger { sync(.new, isSwapped: change.keepsName) }

    // MARK: - Expand

    private func addSyncExpand(to draft: inout OperationDraft) {
        if let roundTrip { draft.add(.expand, "round-trip", roundTrip) }
        draft.add(.expand, "add-column", addSyncedColumns)
        draft.add(
            .expand, "backfill",
            fill(
                sync(.old), .new, "copy \(words.old) to \(words.new)",
                "In small batches, beside the writers, until one count over the whole table finds no row in which "
                    + "\(words.new) differs from \(words.old)"
                    + (change.isRename ? "." : ", as 'up' says it.")))
        addIndexes(to: &draft)
        addConstraints(to: &draft)
        draft.add(
            .expand, "verify", agreement(sync(.old), "count the rows in which \(words.theTwo) differ"))
    }

    private var addSyncedColumns: Step {
        let keys = new.writingKeys.map { "\(alter) \($0.carrying.addition($0.object))" }
        let drops = change.physicalNames.map { "DROP COLUMN \(dialect.quote($0))" }
        let trigger = trigger(.old)
        return Step(
            "add \(words.new) beside \(words.old), and the trigger that keeps them in step",
            "\(words.theColumnIs) empty for existing rows, so only the catalogue changes, whatever the number of rows. From "
                + "this transaction on every statement that writes one shape writes the other as well, before the row is "
                + "stored: so constraints, indexes and foreign keys see both.",
            statements(change.news.flatMap(definition) + keys + trigger.creation),
            lock: .accessExclusive(table.name),
            undo: [
                Step(
                    "drop \(words.new) and the trigger again",
                    "\(words.old) has every value, and what was built on \(words.new) goes with it.",
                    statements(trigger.removal + ["\(alter) \(drops.joined(separator: ", "))"]),
                    lock: .accessExclusive(table.name))
            ])
    }

    // MARK: - Transition

    /// What is forgotten on the way is now forgotten of the old shape.
    private var turn: Step {
        Step(
            "make \(words.new) the truth",
            "Both are still kept in step. Only where the two would disagree, \(words.new) is right from here.",
            statements(trigger(.new).replacement),
            undo: change.isLossyDown
                ? losses + [
                    Step(
                        "make \(words.old) the truth again", "Both are still kept in step.",
                        statements(trigger(.old).replacement)),
                    fill(
                        sync(.old), .new, "copy \(words.old) to \(words.new) again",
                        "What \(words.old) does not have of it goes from \(words.new) (lossy_down)."),
                    agreement(sync(.old), "count the rows in which \(words.theTwo) differ"),
                ]
                : [
                    agreement(
                        sync(.new),
                        "count the rows in which \(words.theTwo) differ, before \(words.old) is the truth again"
                    ),
                    Step(
                        "make \(words.old) the truth again", "Both are still kept in step.",
                        statements(trigger(.old).replacement)),
                ])
    }

    /// Both names in one transaction, and the trigger with them, which from then on fills the old column.
    private var syncSwap: Step {
        let shadows = change.news.filter(\.isShadow)
        let there =
            change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
            + shadows.map { rename($0.physicalName, to: $0.column.name) }
            + new.lateChecks.map { "\(alter) \(PostgresCarrying.originals.addition($0))" }
        let back =
            new.lateChecks.map { "\(alter) DROP CONSTRAINT \(dialect.quote($0.name ?? ""))" }
            + shadows.map { rename($0.column.name, to: $0.physicalName) }
            + change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) }
        let lossyEnd =
            change.isLossyDown
            ? [
                fill(
                    sync(.old), .new, "copy \(words.old) to \(words.new) again",
                    "What \(words.old) does not have of it goes from \(words.new) (lossy_down).")
            ] : []
        return Step(
            "give \(words.new) its name, and \(words.old) a hidden one; go on keeping them in step",
            "In one transaction. Whoever writes from here writes \(words.new), and the trigger fills \(words.old) under its "
                + "hidden name: so this can be taken back without losing a write.",
            statements(
                there + defaultsOfNew(swapped: true) + trigger(.new, isSwapped: true).replacement),
            lock: .accessExclusive(table.name), settlesFirst: true,
            undo: lossesOnTheWayBack + [
                Step(
                    "give \(words.old) its name back, and \(words.new) the hidden one",
                    "In one transaction; \(words.old) has every value.",
                    statements(back + defaultsOfOld(swapped: true) + trigger(.old).replacement),
                    lock: .accessExclusive(table.name), settlesFirst: true)
            ] + lossyEnd + [
                agreement(sync(.old), "count the rows in which \(words.theTwo) differ")
            ])
    }

    /// Rows whose new values do not survive the way back, as the columns are called then.
    private var lossesOnTheWayBack: [Step] {
        guard change.isLossyDown, let lost = lostCondition else { return [] }
        return [
            Step(
                "count the rows that the way back to \(words.old) changes",
                "What of \(words.new) does not survive it is lost from here.",
                .verify(
                    Verification(
                        table: table.name, invariants: [lost],
                        sampleColumns: table.primaryKey + last.physicalNames,
                        countsLosses: true)),
                lock: .accessShare(table.name), scans: true, settlesFirst: true)
        ]
    }

    private var lostCondition: Verification.Invariant? {
        Verification.Invariant(
            name: "\(change.news.map(words.name).joined(separator: ", ")) = up(down(...))",
            violation: last.comesBackChanged(.new, of: nil))
    }
}

// MARK: - Contract

extension PostgresShape {
    private func addSyncContract(to draft: inout OperationDraft) {
        draft.add(
            .contract, "verify",
            agreement(last, "count the rows in which \(words.theTwo) differ, before \(words.old) is left"))
        draft.add(.contract, "retire", syncRetire)
        draft.add(.contract, "soak", rank: .soak, words.soak)
        let drops = change.oldNames.map { "DROP COLUMN \(dialect.quote(dialect.retiredName(of: $0)))" }
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was \(words.old)",
                "Only the catalogue changes; the space of the values comes back as rows are written.",
                statements(["\(alter) \(drops.joined(separator: ", "))"] + new.finalNames(on: table.name)),
                lock: .accessExclusive(table.name), isReversible: false))
        draft.lossReason = words.loss
    }

    private var syncRetire: Step {
        let hidden = change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
        let sql =
            trigger(.new, isSwapped: change.keepsName).removal
            + (change.keepsName ? [] : defaultsOfNew(swapped: false))
            + relaxation { last.physicalName(of: $0) } + (change.keepsName ? [] : hidden)
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

    /// First the trigger, so that no write is missed, then the rows, then what holds the old columns to their values.
    private var syncAgain: [Step] {
        let name = { (column: Column) in last.physicalName(of: column) }
        var steps: [Step] = []
        if !change.keepsName {
            steps.append(
                Step(
                    "give \(words.old) its name back",
                    "Its values are those of the moment when it was left alone; the steps that follow refill it.",
                    statements(change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) }),
                    lock: .accessExclusive(table.name), settlesFirst: true))
        }
        if !old.writingKeys.isEmpty { steps.append(clearing(name)) }
        let columns = Dictionary(uniqueKeysWithValues: change.olds.map { ($0.column.name, name($0.column)) })
        let carrying = PostgresCarrying(columns: columns, name: { $0 })
        let keys = old.writingKeys.map { "\(alter) \(carrying.addition($0))" }
        steps.append(
            Step(
                "keep \(words.old) in step again",
                "From this transaction on every write fills \(words.old) as well; \(words.new) is the truth.",
                statements(
                    keys + defaultsOfOld(swapped: change.keepsName, isRetired: true)
                        + trigger(.new, isSwapped: change.keepsName).creation),
                lock: .accessExclusive(table.name)))
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
    private var roundTrip: Step? {
        let demands = change.demands
        guard !demands.isEmpty else { return nil }
        return Step(
            "count the rows that would not survive the change",
            "Every value goes to the new shape and back, and nothing is written. Any row that comes back as another one, or "
                + "that the new columns would refuse, stops the migration here.",
            .verify(
                Verification(
                    table: table.name, invariants: demands, sampleColumns: table.primaryKey + change.oldNames,
                    sampleValues: change.demandSamples)),
            lock: .accessShare(table.name), scans: true)
    }

    private func fill(_ sync: SyncTrigger, _ side: SyncTrigger.Side, _ title: String, _ explanation: String)
        -> Step
    {
        backfill(title, explanation, sync.assignments(side), sync.strays(side, of: nil))
    }

    private func agreement(
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
                    sampleColumns: table.primaryKey + sync.physicalNames)),
            lock: .accessShare(table.name), scans: true)
    }

    /// What the new columns get when they are on their own, or, swapped, when they bear the old ones' names.
    private func defaultsOfNew(swapped: Bool) -> [String] {
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
    private func defaultsOfOld(swapped: Bool, isRetired: Bool = false) -> [String] {
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
