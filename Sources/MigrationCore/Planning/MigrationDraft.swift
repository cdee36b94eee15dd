import DoubleWrite

/// A migration while its plan is being put together: every operation's steps, problems and effect.
struct MigrationDraft {
    let migration: Migration
    let dialect: Dialect
    private let drafts: [OperationDraft]
    private let schemaBefore: Schema
    /// The schema when every operation is finished; also where the plan has problems, as far as it can be told.
    let schemaAfter: Schema

    init(
        _ migration: Migration, dialect: Dialect, schema: Schema, generations: [ChangeID: Int] = [:],
        finishedChanges: Set<ChangeID> = [], history: History = History()
    ) {
        precondition(schema.dialect == dialect, "a schema of another dialect")
        self.migration = migration
        schemaBefore = schema
        self.dialect = dialect
        var drafts: [OperationDraft] = []
        var newTables: Set<TableName> = []
        var context = PlanningContext(
            schema: schema, generations: generations, finishedChanges: finishedChanges, history: history)
        context.retyped = schema.retyped(by: migration.operations)
        for (index, operation) in migration.operations.enumerated() {
            var draft = OperationDraft(
                migration: migration.name, number: index + 1, keyword: operation.keyword,
                newTables: newTables)
            switch dialect {
            case .postgres: PostgresPlanning(context: context).plan(operation, into: &draft)
            case .sqlite: SQLitePlanning(context: context).plan(operation, into: &draft)
            }
            draft.refuseOverlaps(with: drafts, dialect)
            context.schema.apply(operation)
            context.finishedChanges.formUnion(draft.finishedChanges)
            if case .createTable(let made) = operation { newTables.insert(dialect.normalized(made.table)) }
            drafts.append(draft)
        }
        self.drafts = drafts
        schemaAfter = context.schema
    }

    /// The changes that are recorded as `done` when the migration is finished.
    var finishedChanges: Set<ChangeID> { Set(drafts.flatMap(\.finishedChanges)) }

    /// The plan, with the steps of all operations in the order in which they run.
    ///
    /// - Parameter isPreview: Whether it may leave open what only a database can tell. One that is to be run may not.
    func plan(isPreview: Bool) throws(PlanningProblems) -> Plan {
        var problems = drafts.flatMap(\.problems)
        if !isPreview { problems += drafts.flatMap(\.openQuestions) }
        if migration.operations.isEmpty {
            problems.append(
                PlanningProblem(
                    migration: migration.name, path: "operations",
                    message: "the migration declares no operation; list at least one, or delete the file"))
        }
        guard problems.isEmpty else { throw PlanningProblems(problems) }
        let phases = Phase.allCases.map { Plan.PhaseSteps(phase: $0, steps: steps(of: $0)) }
        return Plan(
            migration: migration.name, description: migration.description, dialect: dialect,
            phases: phases.filter { !$0.steps.isEmpty }.telling(subjects),
            warnings: drafts.flatMap(\.warnings).uniqued,
            unresolved: drafts.flatMap(\.unresolved).uniqued,
            pointOfNoReturn: pointOfNoReturn(phases),
            touches: drafts.flatMap(\.touches).uniqued, sizes: sizes, probes: probes)
    }

    /// What can be asked before anything runs. Behind statements of the user's own nobody knows what these make.
    private var probes: [Probe] {
        let known = zip(migration.operations, drafts).prefix { operation, _ in
            if case .sql = operation { false } else { true }
        }
        return known.flatMap(\.1.probes)
    }

    /// What each operation is about, by its number.
    private var subjects: [Int: String] {
        var subjects: [Int: String] = [:]
        for draft in drafts {
            guard let touched = draft.touches.first else { continue }
            subjects[draft.number] =
                ([touched.table.description] + [touched.column].compactMap(\.self)).joined(separator: ".")
        }
        return subjects
    }

    /// What is known of how large the tables are, before the migration.
    private var sizes: [TableSize]? {
        let tables = drafts.flatMap(\.touches).map(\.table).uniqued.compactMap { schemaBefore[$0] }
        let sizes = tables.filter { $0.estimatedRows != nil || $0.bytes != nil }
            .map { TableSize(table: $0.name, rows: $0.estimatedRows, bytes: $0.bytes) }
        return sizes.isEmpty ? nil : sizes
    }

    /// The phase's steps by rank; a gate or soak that several operations need stands once.
    private func steps(of phase: Phase) -> [Step] {
        let entries = drafts.fillingTogether(in: phase).filter {
            phase != .doubleWrite || isPossible($0.step)
        }
        // A gate before the expand opens for releases of all changes: what they need is recorded first.
        let groups = phase == .doubleWrite ? entries.split(by: \.step.isGate) : [entries]
        var steps: [Step] = []
        for group in groups {
            for entry in group.sorted(by: \.rank) {
                let gate = steps.firstIndex { $0.isGate && $0.action == entry.step.action }
                if entry.step.isGate, let gate {
                    steps[gate].merge(entry.step)
                } else {
                    steps.append(entry.step)
                }
            }
        }
        return steps
    }

    /// Whether what a step counts is there before the expand. Where an operation before it in the file makes the table or
    /// the column, there is nothing to count yet; the count behind the gate stays.
    private func isPossible(_ step: Step) -> Bool {
        guard case .verify(let verification) = step.action else { return true }
        guard let before = schemaBefore[verification.table] else { return false }
        let after = schemaAfter[verification.table]
        return verification.sampleColumns.allSatisfy {
            before.column($0) != nil || after?.column($0) == nil
        }
    }

    private func pointOfNoReturn(_ phases: [Plan.PhaseSteps]) -> PointOfNoReturn? {
        guard let step = phases.flatMap(\.steps).first(where: { !$0.isReversible }) else { return nil }
        let reasons = drafts.filter { draft in draft.entries.contains { !$0.step.isReversible } }
        return PointOfNoReturn(
            step: step.id, reason: reasons.compactMap(\.lossReason).uniqued.joined(separator: "; "))
    }
}

extension [OperationDraft] {
    /// The phase's steps. Operations that stand side by side and fill columns of the same table fill them together, so that
    /// one pass over it can do it: what comes before the first fill of each, the fills, and what comes after them.
    fileprivate func fillingTogether(in phase: Phase) -> [OperationDraft.Entry] {
        var entries: [OperationDraft.Entry] = []
        var rest = self[...]
        while let first = rest.first {
            let table = first.filledTable(in: phase)
            let count = table == nil ? 1 : rest.prefix { $0.filledTable(in: phase) == table }.count
            let own = rest.prefix(count).map { draft in draft.entries.filter { $0.phase == phase } }
            for part in OperationDraft.FillPart.allCases {
                entries += own.flatMap { OperationDraft.entries($0, part) }
            }
            rest = rest.dropFirst(count)
        }
        return entries
    }
}

extension OperationDraft {
    fileprivate enum FillPart: CaseIterable {
        case before, fill, behind
    }

    /// A part of an operation's steps of one phase; all of it is before where there is no fill.
    fileprivate static func entries(_ entries: [Entry], _ part: FillPart) -> [Entry] {
        let fill = entries.firstIndex { $0.step.derivedBackfill != nil } ?? entries.endIndex
        return switch part {
        case .before: Array(entries[..<fill])
        case .fill: Array(entries[fill...].prefix(1))
        case .behind: Array(entries[fill...].dropFirst(1))
        }
    }

    /// The table whose columns the operation derives from others in that phase.
    fileprivate func filledTable(in phase: Phase) -> TableName? {
        guard phase == .expand else { return nil }
        return entries.lazy.filter { $0.phase == phase }.compactMap(\.step.derivedBackfill?.table).first
    }
}

extension Step {
    /// The backfill that the step is, where one pass can do others with it.
    fileprivate var derivedBackfill: Backfill? {
        if case .backfill(let backfill) = action, backfill.isDerived == true { backfill } else { nil }
    }
}

extension [OperationDraft.Entry] {
    /// Those of which it is false, then the others.
    fileprivate func split(by isLate: (Element) -> Bool) -> [[Element]] {
        [filter { !isLate($0) }, filter(isLate)]
    }

    /// In the order of `rank`, and in their own among equals.
    fileprivate func sorted(by rank: (Element) -> OperationDraft.Rank) -> [Element] {
        Set(map(rank)).sorted().flatMap { wanted in filter { rank($0) == wanted } }
    }
}

extension Step {
    /// Says what another operation says about the same gate as well, on the way there and on the way back.
    fileprivate mutating func merge(_ other: Step) {
        if other.explanation != explanation { explanation += "\n" + other.explanation }
        if other.title != title { title += "; " + other.title }
        alsoServes = (alsoServes ?? []) + [other.id]
        for step in other.undo {
            if let gate = undo.firstIndex(where: { $0.isGate && $0.action == step.action }) {
                undo[gate].merge(step)
            } else {
                undo.append(step)
            }
        }
    }
}

extension OperationDraft {
    /// The changes whose stage is `done` in the end. One that the database itself keeps in step has no stages, and its
    /// name is free again.
    fileprivate var finishedChanges: [ChangeID] {
        entries.compactMap(\.step.flip).filter { $0.stage == .done }.map(\.change)
    }

    /// What is left open, as problems of a plan that is to be run.
    fileprivate var openQuestions: [PlanningProblem] {
        unresolved.map { question in
            PlanningProblem(
                migration: migration, path: "operations[\(number - 1)].\(keyword)",
                message:
                    "\(question); where that does not help either, drop it before the change and make it again afterwards, or "
                    + otherWay)
        }
    }

    /// Refuses an operation that needs what an earlier one of the same file finishes only after its gates.
    fileprivate mutating func refuseOverlaps(with earlier: [OperationDraft], _ dialect: Dialect) {
        for other in earlier where other.finishesLate {
            guard
                let column = (touches + reads).first(where: { touch in
                    other.touches.contains { $0.overlaps(touch, dialect) }
                }) ?? touches.first(where: { touch in other.reads.contains { $0.overlaps(touch, dialect) } })
            else { continue }
            refuse(
                nil,
                "touches \(column) as operations[\(other.number - 1)].\(other.keyword) does, which is finished only "
                    + "after the expand; put one of them into a later migration")
        }
    }

    /// Whether anything of it comes after the expand. The gates before it are everybody's, and open at once.
    private var finishesLate: Bool { entries.contains { $0.phase > .expand } }
}
