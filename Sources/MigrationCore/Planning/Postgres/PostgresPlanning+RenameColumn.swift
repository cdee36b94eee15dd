import DoubleWrite

/// `rename_column` by way of a second column, in PostgreSQL: nothing in it keeps writers out for longer than a moment.
extension PostgresPlanning {
    func planCopy(_ operation: RenameColumn, into draft: inout OperationDraft) {
        context.touch(operation, into: &draft)
        guard let table = context.table(operation.table, into: &draft) else { return }
        checkNames(operation, in: table, into: &draft)
        guard let column = context.column(operation.from, of: table, path: "from", into: &draft) else {
            return
        }
        refuseCopy(operation, of: column, in: table, into: &draft)
        warn(operation, in: table, into: &draft)

        let rename = PostgresRename(
            operation: operation, table: table, column: column,
            generation: context.generation(of: operation.changeID))
        rename.addExpand(to: &draft)
        rename.addTransition(to: &draft)
        rename.addContract(to: &draft)
    }
}

/// The steps of one rename.
struct PostgresRename {
    let operation: RenameColumn
    let table: Table
    let column: Column
    let generation: Int
    let words: RenameWords
    let old: PostgresConstraints
    let dialect = Dialect.postgres

    init(operation: RenameColumn, table: Table, column: Column, generation: Int) {
        self.operation = operation
        self.table = table
        self.column = column
        self.generation = generation
        words = RenameWords(operation)
        old = PostgresConstraints(of: column.name, in: table)
    }

    var carrying: PostgresCarrying { .onto(operation.to, from: operation.from) }
    var alter: String { "ALTER TABLE \(dialect.quote(table.name))" }
    var quotedOld: String { dialect.quote(operation.from) }
    var quotedNew: String { dialect.quote(operation.to) }
    var retired: String { dialect.retiredName(of: operation.from) }

    /// A default that gives every row the same value, and so may stand on both columns at once.
    var constantDefault: String? { column.isDefaultVolatile ? nil : column.defaultValue }
    var volatileDefault: String? { column.isDefaultVolatile ? column.defaultValue : nil }

    func flip(_ stage: Stage, generation: Int? = nil) -> StageFlip {
        StageFlip(change: operation.changeID, stage: stage, generation: generation)
    }

    func statements(_ statements: [String], flip: StageFlip? = nil) -> Action {
        .statements(on: table.name, statements, flip: flip)
    }
}

// MARK: - Counting and filling

extension PostgresRename {
    /// SQL that is true where the two columns are not identical.
    func mismatch(_ left: String, _ right: String) -> String {
        dialect.differs(left, right, isExact: column.hasExactEquality)
    }

    var newIsOld: Verification.Invariant {
        Verification.Invariant(
            name: "\(operation.to) = \(operation.from)", violation: mismatch(quotedNew, quotedOld))
    }

    var oldIsNew: Verification.Invariant {
        Verification.Invariant(
            name: "\(operation.from) = \(operation.to)", violation: mismatch(quotedOld, quotedNew))
    }

    func verify(_ title: String, _ explanation: String, _ invariants: [Verification.Invariant], settles: Bool)
        -> Step
    {
        Step(
            title, explanation,
            .verify(
                Verification(
                    table: table.name, invariants: invariants,
                    sampleColumns: table.primaryKey + [operation.from, operation.to])),
            lock: .accessShare(table.name), scans: true, settlesFirst: settles)
    }

    func backfill(_ title: String, _ explanation: String, from source: String, to target: String) -> Step {
        Step(
            title, explanation,
            .backfill(
                Backfill(
                    table: table.name, assignments: "\(target) = \(source)",
                    mismatch: mismatch(target, source),
                    key: table.primaryKey)),
            lock: .rowExclusive(table.name), scans: true, rewrites: true, settlesFirst: true)
    }

    var reverseBackfill: Step {
        backfill(
            "copy '\(operation.to)' back to '\(operation.from)'",
            "'\(operation.to)' is the truth here: whatever was written to it alone comes back to '\(operation.from)'.",
            from: quotedNew, to: quotedOld)
    }
}
