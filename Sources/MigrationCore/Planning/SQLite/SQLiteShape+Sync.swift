import DoubleWrite

/// `sync: trigger`: the database keeps both shapes in step, so there are no stages; releases of either shape run side by
/// side until the old one is left.
extension SQLiteShape {
    func addSynchronized(to draft: inout OperationDraft) {
        addSyncExpand(to: &draft)
        draft.add(
            .transition, "verify-both",
            agreement(
                sync(.old),
                "count the rows in which \(words.theTwo) differ, before releases of the new shape come"))
        if change.keepsName {
            draft.add(.transition, "release-either", rank: .readNewGate, syncWords.eitherRelease)
            draft.add(.transition, "swap", rank: .handOver, syncSwap)
            draft.add(.transition, "release-new", rank: .newGate, syncWords.typedRelease)
        } else {
            if !change.isRename { draft.add(.transition, "turn", turn) }
            draft.add(.transition, "release-new", rank: .newGate, syncWords.newRelease)
        }
        addSyncContract(to: &draft)
    }

    private var syncWords: SyncWords { SyncWords(change) }

    func sync(_ truth: SyncTrigger.Side, isSwapped: Bool = false) -> SQLiteSyncTrigger {
        SQLiteSyncTrigger(SyncTrigger(change, truth: truth, isSwapped: isSwapped))
    }

    /// The triggers as they are when the new shape alone is left.
    var last: SQLiteSyncTrigger { sync(.new, isSwapped: change.keepsName) }

    // MARK: - Expand

    private func addSyncExpand(to draft: inout OperationDraft) {
        let demands = demands(besides: draft.newTables)
        if !demands.isEmpty {
            draft.add(
                .expand, "round-trip",
                Step(
                    "count the rows that would not survive the change",
                    "Every value goes to the new shape and back, and nothing is written. Any row that comes back as another "
                        + "one, or that the new columns would refuse, stops the migration here.",
                    .verify(
                        Verification(
                            table: table.name, invariants: demands,
                            sampleColumns: (change.key + change.oldNames).uniqued,
                            sampleValues: change.demandSamples)),
                    scans: true))
        }
        if let forgotten = change.forgotten(sampling: (change.key + change.oldNames).uniqued) {
            draft.add(
                .expand, "forgotten",
                Step(words.forgotten.title, words.forgotten.explanation, .verify(forgotten), scans: true))
        }
        draft.add(.expand, "add-column", addSyncedColumns)
        draft.add(
            .expand, "backfill",
            fill(
                sync(.old), .new, "copy \(words.old) to \(words.new)",
                "In small batches, between the writers, until one count over the whole table finds no row in which "
                    + "\(words.new) differs from \(words.old)"
                    + (change.isRename ? "." : ", as 'up' says it.")))
        addIndexes(to: &draft)
        draft.add(
            .expand, "verify", agreement(sync(.old), "count the rows in which \(words.theTwo) differ"))
    }

    private var addSyncedColumns: Step {
        let readsRows = change.news.contains { $0.check != nil }
        let sync = sync(.old)
        return Step(
            "add \(words.new) beside \(words.old), and the triggers that keep them in step",
            "From this transaction on every statement that writes one shape writes the other as well. The rows that are there "
                + "are filled in the next step"
                + (readsRows ? "; for the CHECK they are read here, while writers wait." : "."),
            statements(
                change.news.map { "\(alter) ADD COLUMN \(definition(of: $0))" } + sync.creation),
            lock: .reserved(readsRows ? "while the rows are read" : Lock.moment), scans: readsRows,
            undo: [
                Step(
                    "drop \(words.new) and the triggers again",
                    "\(words.oldHas) every value. SQLite writes every row anew for this, and writers wait as long as that "
                        + "takes.",
                    statements(
                        sync.removal
                            + change.physicalNames.reversed().map {
                                "\(alter) DROP COLUMN \(dialect.quote($0))"
                            }),
                    lock: .reserved("while the rows are written anew"), scans: true, rewrites: true)
            ])
    }

    // MARK: - Transition

    /// What is forgotten on the way is now forgotten of the old shape.
    private var turn: Step {
        let back = Step(
            "make \(words.old) the truth again", "Both are still kept in step.",
            statements(sync(.new).removal + sync(.old).creation), lock: .reserved())
        let refill = fill(
            sync(.old), .new, "copy \(words.old) to \(words.new) again",
            "What \(words.oldDoes) not have of it goes from \(words.new) (lossy_down).")
        let count = "count the rows in which \(words.theTwo) differ"
        return Step(
            "make \(words.new) the truth",
            "Both are still kept in step. Where the two would disagree, it is \(words.new) that counts from here.",
            statements(sync(.old).removal + sync(.new).creation), lock: .reserved(),
            undo: change.isLossyDown
                ? losses() + [back, refill, agreement(sync(.old), count)]
                : [agreement(sync(.new), count + ", before \(words.oldIs) the truth again"), back])
    }

    /// Both names in one transaction, and the triggers with them, which from then on fill the old column.
    private var syncSwap: Step {
        let shadows = change.news.filter(\.isShadow)
        let there =
            change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
            + shadows.map { rename($0.physicalName, to: $0.column.name) }
        let back =
            shadows.map { rename($0.column.name, to: $0.physicalName) }
            + change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) }
        var undo = syncLosses
        undo.append(
            Step(
                "give \(words.old) its name back, and \(words.new) the hidden one",
                "In one transaction; \(words.oldHas) every value.",
                statements(last.removal + back + sync(.old).creation), lock: .reserved(), settlesFirst: true))
        if change.isLossyDown {
            undo.append(
                fill(
                    sync(.old), .new, "copy \(words.old) to \(words.new) again",
                    "What \(words.oldDoes) not have of it goes from \(words.new) (lossy_down)."))
        }
        undo.append(agreement(sync(.old), "count the rows in which \(words.theTwo) differ"))
        return Step(
            "give \(words.new) its name, and \(words.old) a hidden one; go on keeping them in step",
            "In one transaction. Whoever writes from here writes \(words.new), and the triggers fill \(words.old) under its "
                + "hidden name: so this can be taken back without losing a write.",
            statements(sync(.old).removal + there + last.creation), lock: .reserved(), settlesFirst: true,
            undo: undo)
    }

    /// Rows whose new values do not survive the way back, as the columns are called then.
    private var syncLosses: [Step] {
        guard change.isLossyDown else { return [] }
        let lost = Verification.Invariant(
            name: "\(change.news.map(words.name).joined(separator: ", ")) = up(down(...))",
            violation: last.losesNew)
        return [
            Step(
                "count the rows that the way back to \(words.old) changes",
                "What of \(words.new) does not survive it is lost from here.",
                .verify(
                    Verification(
                        table: table.name, invariants: [lost],
                        sampleColumns: (change.key + last.sync.physicalNames).uniqued, countsLosses: true)),
                scans: true, settlesFirst: true)
        ]
    }
}
