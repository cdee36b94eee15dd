import DoubleWrite

/// The steps of a column that moves to another table, as far as they are the same in every dialect.
struct MoveColumnSteps {
    /// What a step says of its lock and of what it costs, and the statements that differ.
    struct Parts {
        /// Adds the new column, in the transaction of the expand.
        var addColumn: [String]
        var addLock: Lock
        /// What the drop of a column costs in either table.
        var dropLock: @Sendable (TableName) -> Lock
        var dropRewrites: Bool
        /// What goes before the old column can.
        var beforeDrop: [String]
        var renameLock: Lock
        var batchLock: Lock
        var countLock: Lock?
        /// The words about what the drop of the old column costs.
        var dropWords: String
    }

    let operation: MoveColumn
    /// How the rows of the source are addressed, in order.
    let key: [String]
    let generation: Int
    let sql: MoveColumnSQL
    let parts: Parts

    private var words: MoveColumnWords { MoveColumnWords(operation: operation) }
    private var dialect: Dialect { sql.dialect }

    func add(to draft: inout OperationDraft) {
        addExpand(to: &draft)
        addTransition(to: &draft)
        addContract(to: &draft)
        draft.lossReason = words.loss
        draft.warnings += [words.uncoveredWriters, words.insertedRows]
    }

    private func flip(_ stage: Stage, generation: Int? = nil) -> StageFlip {
        StageFlip(change: operation.changeID, stage: stage, generation: generation)
    }

    // MARK: - Counting and filling

    /// Both directions, from both tables: a value without its row, a row without its value, and values that differ.
    private func verify(_ title: String, settles: Bool) -> Step {
        let inTarget = Verification.Invariant(
            name: "every \(operation.table).\(operation.column) is in \(operation.toTable).\(operation.to)",
            violation: sql.missingInTarget)
        let inSource = Verification.Invariant(
            name: "every \(operation.toTable).\(operation.to) is in \(operation.table).\(operation.column)",
            violation: sql.missingInSource, table: operation.toTable,
            sampleColumns: sql.targetKey + [operation.to])
        return Step(
            title,
            "Both directions, rows that are missing on either side among them, are counted in one statement, so in one "
                + "snapshot; any row stops the migration here.",
            .verify(
                Verification(
                    table: operation.table, invariants: [inTarget, inSource],
                    sampleColumns: sampleColumns)),
            lock: parts.countLock, scans: true, settlesFirst: settles)
    }

    private var sampleColumns: [String] {
        key + sql.sourceKey.filter { !key.contains($0) } + [operation.column]
    }

    private func backfill(_ title: String, _ explanation: String, _ batch: BatchWrites) -> Step {
        Step(
            title, explanation,
            .backfill(
                Backfill(
                    table: operation.table, assignments: "", mismatch: sql.staleSource, key: key, batch: batch
                )),
            lock: parts.batchLock, scans: true, rewrites: true, settlesFirst: true)
    }

    /// Before the truth goes back.
    private var reverseBackfill: Step {
        backfill(
            "copy \(words.new) back to \(words.old)",
            "\(words.new) is the truth here: whatever was written to it alone comes back to \(words.old).",
            sql.reverse)
    }

    /// As soon as both are written again.
    private var refill: Step {
        backfill(
            "refill \(words.old) from \(words.new)",
            "\(words.new) is the truth here: whatever was written to it alone comes back to \(words.old).",
            sql.reverse)
    }
}

// MARK: - Phases

extension MoveColumnSteps {
    private func addExpand(to draft: inout OperationDraft) {
        draft.add(.doubleWrite, "release", words.doubleWriteRelease)
        draft.add(
            .expand, "add-column",
            Step(
                "add '\(operation.to)' to '\(operation.toTable)', for what is in \(words.old)",
                words.addColumn,
                .statements(
                    on: operation.toTable, parts.addColumn, flip: flip(.both, generation: generation)),
                lock: parts.addLock, undo: [dropNewColumn]))
        draft.add(
            .expand, "backfill",
            backfill(
                "copy \(words.old) to \(words.new)",
                "In small batches, each of which locks its rows of '\(operation.table)' first, as the helper does. A row "
                    + "that '\(operation.toTable)' lacks is inserted there. Until one count finds none that differs.",
                sql.forward))
        draft.add(
            .expand, "verify",
            verify("count the rows in which \(words.old) and \(words.new) differ", settles: false))
    }

    private var dropNewColumn: Step {
        let alter = "ALTER TABLE \(sql.target) DROP COLUMN \(dialect.quote(operation.to))"
        return Step(
            "drop \(words.new) again",
            "\(words.old) is the truth and has every value. The helper's stage becomes 'old' in the same transaction.",
            .statements(on: operation.toTable, [alter], flip: flip(.old)),
            lock: parts.dropLock(operation.toTable), scans: parts.dropRewrites, rewrites: parts.dropRewrites,
            settlesFirst: true)
    }

    private func addTransition(to draft: inout OperationDraft) {
        draft.add(
            .transition, "verify-both",
            verify(
                "count the rows in which \(words.old) and \(words.new) differ, before \(words.new) becomes the truth",
                settles: true))
        draft.add(
            .transition, "flip-both-read-new",
            Step(
                "make \(words.new) the truth; both are still written",
                "The helper reads \(words.new) from here.", .flip(flip(.bothReadNew)),
                undo: [
                    reverseBackfill,
                    verify(
                        "count the rows in which they differ, before \(words.old) is the truth again",
                        settles: true),
                    Step(
                        "make \(words.old) the truth again; both are still written",
                        "The helper reads \(words.old) from here.", .flip(flip(.both))),
                ]))
        draft.add(.transition, "release-read-new", rank: .readNewGate, words.readNewRelease)
        draft.add(
            .transition, "verify-old", rank: .handOver,
            verify(
                "count the rows in which \(words.old) does not follow \(words.new)", settles: true))
        draft.add(
            .transition, "flip-new", rank: .handOver,
            Step(
                "write only \(words.new)", "The helper leaves \(words.old) alone from here.",
                .flip(flip(.new)),
                undo: [
                    Step(
                        "write both again; \(words.new) is the truth",
                        "The helper fills \(words.old) from here.", .flip(flip(.bothReadNew)),
                        settlesFirst: true),
                    refill,
                ]))
        draft.add(.transition, "release-new", rank: .newGate, words.newRelease)
    }

    private func addContract(to draft: inout OperationDraft) {
        let alter = "ALTER TABLE \(sql.source)"
        let retired = dialect.quote(dialect.retiredName(of: operation.column))
        let name = dialect.quote(operation.column)
        draft.add(
            .contract, "retire",
            Step(
                "retire \(words.old) under a hidden name",
                "Whoever still uses \(words.old) gets an error from here, while its values still exist.",
                .statements(on: operation.table, ["\(alter) RENAME COLUMN \(name) TO \(retired)"]),
                lock: parts.renameLock, settlesFirst: true,
                undo: [
                    Step(
                        "give \(words.old) its name back",
                        "Its values are those of the moment when it was left alone; the steps that follow refill it.",
                        .statements(on: operation.table, ["\(alter) RENAME COLUMN \(retired) TO \(name)"]),
                        lock: parts.renameLock, settlesFirst: true)
                ]))
        draft.add(.contract, "soak", rank: .soak, words.soak)
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was \(words.old)",
                "\(parts.dropWords) The stage becomes 'done' and is kept for ever.",
                .statements(
                    on: operation.table, parts.beforeDrop + ["\(alter) DROP COLUMN \(retired)"],
                    flip: flip(.done)),
                lock: parts.dropLock(operation.table), scans: parts.dropRewrites,
                rewrites: parts.dropRewrites,
                isReversible: false))
    }
}
