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

    func sync(_ truth: SyncTrigger.Side, isSwapped: Bool = false) -> SyncTrigger {
        SyncTrigger(change, truth: truth, isSwapped: isSwapped)
    }

    func trigger(_ truth: SyncTrigger.Side, isSwapped: Bool = false) -> PostgresSyncTrigger {
        PostgresSyncTrigger(sync(truth, isSwapped: isSwapped))
    }

    /// The trigger as it is when the new shape alone is left.
    var last: SyncTrigger { sync(.new, isSwapped: change.keepsName) }

    // MARK: - Expand

    private func addSyncExpand(to draft: inout OperationDraft) {
        if let roundTrip = roundTrip(besides: draft.newTables) {
            draft.add(.expand, "round-trip", roundTrip)
        }
        if let forgotten = change.forgotten(sampling: (table.primaryKey + change.oldNames).uniqued) {
            draft.add(
                .expand, "forgotten",
                Step(
                    words.forgotten.title, words.forgotten.explanation, .verify(forgotten),
                    lock: .accessShare(table.name), scans: true))
        }
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
                    "\(words.oldHas) every value, and what was built on \(words.new) goes with it.",
                    statements(trigger.removal + ["\(alter) \(drops.joined(separator: ", "))"]),
                    lock: .accessExclusive(table.name))
            ])
    }

    // MARK: - Transition

    /// What is forgotten on the way is now forgotten of the old shape.
    private var turn: Step {
        Step(
            "make \(words.new) the truth",
            "Both are still kept in step. Where the two would disagree, it is \(words.new) that counts from here.",
            statements(trigger(.new).replacement),
            undo: change.isLossyDown
                ? losses() + [
                    Step(
                        "make \(words.old) the truth again", "Both are still kept in step.",
                        statements(trigger(.old).replacement)),
                    fill(
                        sync(.old), .new, "copy \(words.old) to \(words.new) again",
                        "What \(words.oldDoes) not have of it goes from \(words.new) (lossy_down)."),
                    agreement(sync(.old), "count the rows in which \(words.theTwo) differ"),
                ]
                : [
                    agreement(
                        sync(.new),
                        "count the rows in which \(words.theTwo) differ, before \(words.oldIs) the truth again"
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
                    "What \(words.oldDoes) not have of it goes from \(words.new) (lossy_down).")
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
                    "In one transaction; \(words.oldHas) every value.",
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
                        sampleColumns: (table.primaryKey + last.physicalNames).uniqued,
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
