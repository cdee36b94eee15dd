import DoubleWrite

extension PostgresPlanning {
    /// Plans a change of shape by way of columns beside the old ones.
    func plan(_ change: ShapeChange, into draft: inout OperationDraft) {
        checkTemporaryNames(change, into: &draft)
        refuseCopy(change, into: &draft)
        warn(change, into: &draft)
        let shape = PostgresShape(change, context)
        context.checkGuard(change, into: &draft)
        ShapeProbes(change).add(to: &draft)
        PostgresShapeProbes(shape).add(to: &draft)
        if change.sync == .trigger {
            context.checkSync(change, into: &draft)
            return shape.addSynchronized(to: &draft)
        }
        shape.addDoubleWrite(to: &draft)
        shape.addExpand(to: &draft)
        shape.addTransition(to: &draft)
        shape.addContract(to: &draft)
    }
}

/// The steps of one change of shape.
struct PostgresShape {
    let change: ShapeChange
    let words: ShapeWords
    /// What is on the old columns.
    let old: PostgresConstraints
    /// What the new columns get.
    let new: PostgresNewSide
    let schema: Schema
    let dialect = Dialect.postgres

    init(_ change: ShapeChange, _ context: PlanningContext) {
        self.change = change
        words = change.words
        schema = context.schema
        old = PostgresConstraints(of: Set(change.oldNames), in: change.table)
        new = PostgresNewSide(change, old: old, context: context)
    }

    var table: Table { change.table }
    /// The triggers that heal and count, where the file asks for them.
    var guardian: PostgresGuard? {
        change.isGuarded ? PostgresGuard(change, hasActions: !old.writingKeys.isEmpty) : nil
    }
    var alter: String { "ALTER TABLE \(dialect.quote(table.name))" }

    /// Whether its rows are in partitions, of which each has a part of an index.
    var isPartitioned: Bool { table.kind == .partitioned }

    func statements(_ statements: [String], flip: StageFlip? = nil) -> Action {
        .statements(on: table.name, statements, flip: flip)
    }

    func flip(_ stage: Stage) -> Action { .flip(change.flip(stage)) }
}

// MARK: - Counting and filling

extension PostgresShape {
    func verify(
        _ title: String, _ explanation: String, _ invariants: [Verification.Invariant], settles: Bool
    ) -> Step {
        Step(
            title, explanation,
            .verify(
                Verification(
                    table: table.name, invariants: invariants,
                    sampleColumns: (table.primaryKey + change.oldNames + change.physicalNames).uniqued)),
            lock: .accessShare(table.name), scans: true, settlesFirst: settles)
    }

    func backfill(
        _ title: String, _ explanation: String, _ assignments: String, _ mismatch: String,
        _ batch: BatchWrites? = nil
    ) -> Step {
        Step(
            title, explanation,
            .backfill(
                Backfill(
                    table: table.name, assignments: assignments, mismatch: mismatch, key: table.primaryKey,
                    batch: batch, isDerived: batch == nil)),
            lock: .rowExclusive(table.name), scans: true, rewrites: true, settlesFirst: true)
    }

    /// Before the truth goes back.
    var reverseBackfill: Step {
        backfill(
            "copy \(words.new) back to \(words.old)",
            "\(words.newIs) the truth here: whatever was written there alone comes back to \(words.old).",
            change.reverseAssignments, change.reverseMismatch,
            change.lookup?.reverse(change.reverseAssignments))
    }

    /// As soon as both are written again, so that what the old columns had on them can come back.
    var refill: Step {
        backfill(
            "refill \(words.old) from \(words.new)",
            "\(words.newIs) the truth here: whatever was written there alone comes back to \(words.old), which gets back "
                + "in the next steps what it had on it.",
            change.reverseAssignments, change.reverseMismatch,
            change.lookup?.reverse(change.reverseAssignments))
    }

    /// Counts the whole numbers that a smaller type has no room for, before the way back begins: the cast would end it in the
    /// middle.
    var misfits: [Step] {
        guard let old = change.olds.first, let new = change.news.first, case .cast = old.down,
            let room = ColumnSequence.limits(of: old.column.type),
            let range = ColumnSequence.limits(of: new.column.type), range.upperBound > room.upperBound
        else { return [] }
        let value = dialect.quote(new.physicalName)
        return [
            Step(
                "count the values of \(words.new) that have no room in \(old.column.type)",
                "Any row stops the rollback here, before it changes anything. Make it fit first.",
                .verify(
                    Verification(
                        table: table.name,
                        invariants: [
                            .init(
                                name: "\(words.name(of: new)) fits into \(old.column.type)",
                                violation: "\(value) NOT BETWEEN \(room.lowerBound) AND \(room.upperBound)")
                        ],
                        sampleColumns: (table.primaryKey + change.physicalNames).uniqued,
                        remedy: "give these rows values that \(old.column.type) has room for")),
                lock: .accessShare(table.name), scans: true, settlesFirst: true)
        ]
    }

    /// The rows that lose something on the way back; a rollback stops here where there are any.
    ///
    /// - Parameter time: When they are counted, where it is not the only count of its rollback.
    func losses(_ time: String = "") -> [Step] {
        guard change.isLossyDown else { return [] }
        return [
            Step(
                "count the rows that the way back to \(words.old) changes\(time)",
                "What of \(words.new) does not survive it is lost from here.",
                .verify(
                    Verification(
                        table: table.name, invariants: change.losses,
                        sampleColumns: table.primaryKey + change.physicalNames,
                        sampleValues: change.lossSamples, countsLosses: true)),
                lock: .accessShare(table.name), scans: true, settlesFirst: true)
        ]
    }
}
