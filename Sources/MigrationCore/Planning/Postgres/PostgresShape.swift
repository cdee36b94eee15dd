import DoubleWrite

extension PostgresPlanning {
    /// Plans a change of shape by way of columns beside the old ones.
    func plan(_ change: ShapeChange, into draft: inout OperationDraft) {
        checkTemporaryNames(change, into: &draft)
        refuseCopy(change, into: &draft)
        warn(change, into: &draft)
        let shape = PostgresShape(change, context)
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
    var alter: String { "ALTER TABLE \(dialect.quote(table.name))" }

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

    func backfill(_ title: String, _ explanation: String, _ assignments: String, _ mismatch: String) -> Step {
        Step(
            title, explanation,
            .backfill(
                Backfill(
                    table: table.name, assignments: assignments, mismatch: mismatch, key: table.primaryKey)),
            lock: .rowExclusive(table.name), scans: true, rewrites: true, settlesFirst: true)
    }

    var reverseBackfill: Step {
        backfill(
            "copy \(words.new) back to \(words.old)",
            "\(words.newIs) the truth here: whatever was written there alone comes back to \(words.old).",
            change.reverseAssignments, change.reverseMismatch)
    }

    /// The rows that lose something on the way back; a rollback stops here where there are any.
    var losses: [Step] {
        guard change.isLossyDown else { return [] }
        return [
            Step(
                "count the rows that the way back to \(words.old) changes",
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
