internal import DoubleWrite
public import MigrationCore

extension Engine {
    /// Advances each named migration (all without names) as far as its gates and `phase` allow.
    ///
    /// By name, one after the other; but those that fill the same table, one right behind the other, meet where they do, for
    /// one pass. One that waits at a gate does not hold up later, independent ones.
    ///
    /// - Throws: ``EngineError``. Planning problems, conflicts, edited files and drift are found before
    ///   anything is
    ///   changed.
    public func apply(_ sources: [MigrationSource], names: [String] = [], through phase: Phase)
        throws(EngineError) -> ApplyReport
    {
        try wording("apply") {
            let selection = try Selection(sources, names: names)
            tally = Tally()
            return try surviving { try apply(selection, through: phase) }
        }
    }

    private func apply(_ selection: Selection, through phase: Phase) throws -> ApplyReport {
        let hadState = try store.exists()
        var plans: [Plan] = []
        if !hadState { plans = try check(selection, through: phase) }
        try prepareToWrite()
        return try leased {
            if hadState { plans = try check(selection, through: phase) }
            // Under the lease nobody else begins or finishes any.
            let records = try Survey(database).byName
            let inFlight = finishesAll(phase) ? [] : records.values.filter(\.isInFlight)
            var line = Line(
                selection.chosen, walks: try inFlight.map { try runner.walk($0.name) }, plans: plans)
            var report = ApplyReport()
            for source in selection.chosen {
                if let record = records[source.migration.name], record.status == .finished {
                    report.migrations.append(finished(record))
                    continue
                }
                report.migrations.append(
                    try turn(of: source, in: &line, through: phase, after: report.migrations))
            }
            return report
        }
    }

    /// Whether each migration is over before the next begins.
    private func finishesAll(_ phase: Phase) -> Bool { settings.noWriters && phase == .contract }

    /// Perhaps by this very run, before it lost its connection.
    private func finished(_ record: MigrationRecord) -> MigrationReport {
        var report = MigrationReport(
            name: record.name, direction: .forward, outcome: .finished, phase: record.phase)
        tally.fill(&report)
        return report
    }

    /// Everything that can be known to be wrong before anything runs.
    ///
    /// - Returns: The plans of those that begin while others are in flight; none where each is to finish before the next.
    func check(_ selection: Selection, through phase: Phase) throws -> [Plan] {
        let survey = try Survey(database)
        try survey.checkFiles(selection.all)
        try survey.checkDrift()
        let records = selection.chosen.compactMap { survey.record($0.migration.name) }
        if let turned = records.first(where: { $0.isInFlight && $0.direction == .undo }) {
            throw EngineError(.rollingBack(migration: turned.name))
        }
        let finishesAll = finishesAll(phase)
        // What those in flight leave behind is known only when they have finished.
        if finishesAll, records.contains(where: \.isInFlight) { return [] }
        let plans = try survey.planChosen(selection)
        try Conflicts().check(
            plans, inFlight: survey.inFlight.map(\.plan), through: phase, noWriters: settings.noWriters)
        return finishesAll ? [] : plans
    }

    func apply(
        _ source: MigrationSource, through phase: Phase, by runner: Runner, after earlier: [MigrationReport]
    ) throws -> MigrationReport {
        let survey = try Survey(database)
        let name = source.migration.name
        if let record = survey.record(name), record.status != .undone {
            try refuseSharedSession(forRestOf: name, through: phase)
            return try runner.advance(name, through: phase)
        }
        var (plan, schema): (Plan, Schema)
        do {
            (plan, schema) = try survey.plan(source.migration)
            plan = settings.faults.plant(plan)
        } catch let problems as PlanningProblems {
            return try waiting(source, on: earlier, or: problems)
        }
        try database.refuseSharedSession(for: plan.steps.flatMap { [$0.step] + $0.step.undo })
        if let report = try reportBeforeBeginning(plan, source.checksum, through: phase) { return report }
        try begin(
            plan, source, beside: survey.inFlight.map(\.plan), uses: GoingColumns(plan).uses(in: schema))
        return try runner.advance(name, through: phase)
    }

    /// Before any of its steps runs, not at the one that needs the session.
    private func refuseSharedSession(forRestOf name: String, through limit: Phase) throws {
        let walk = try runner.walk(name)
        let rest = walk.steps.indices.filter { !walk.isOver($0) && walk.steps[$0].phase <= limit }
        try database.refuseSharedSession(for: rest.map { walk.steps[$0].step })
    }

    /// A plan that can be made against the whole history, but not against the schema as it is, builds on
    /// migrations that wait at a gate.
    private func waiting(
        _ source: MigrationSource, on earlier: [MigrationReport], or problems: PlanningProblems
    ) throws -> MigrationReport {
        let unfinished = earlier.filter { $0.outcome != .finished }.map(\.name)
        guard !unfinished.isEmpty else { throw problems }
        let gate = UnmetGate(
            migration: source.migration.name, step: "", title: "begin", condition: .migrations(unfinished))
        return MigrationReport(name: source.migration.name, direction: .forward, outcome: .waiting([gate]))
    }

    /// A migration whose first steps cannot be done yet is not begun: its file may still be edited.
    ///
    /// What is counted before anything changes is counted here as well, so that an expression that the rows do not
    /// survive can be mended.
    private func reportBeforeBeginning(
        _ plan: Plan, _ checksum: String, through phase: Phase
    ) throws -> MigrationReport? {
        for (index, (first, step)) in plan.steps.enumerated() {
            var report = MigrationReport(
                name: plan.migration, direction: .forward, outcome: .reached(next: first))
            report.step = StepPosition(phase: first, step: step, number: index + 1, count: plan.steps.count)
            if first > phase { return index == 0 ? report : nil }
            switch try readiness(step, plan.migration, checksum) {
            case .isMet: continue
            case .runs: return nil
            case .waits(let gate):
                report.outcome = .waiting([gate])
                return report
            }
        }
        return nil
    }

    /// What a step of a migration that has not begun comes to.
    private enum Readiness {
        /// It only looks at something, and that is as it should be.
        case isMet
        /// It changes something: the migration has to begin for it.
        case runs
        case waits(UnmetGate)
    }

    private func readiness(_ step: Step, _ migration: String, _ checksum: String) throws -> Readiness {
        switch step.action {
        case .verify(let verification):
            let report = try counted(verification, step, migration)
            guard !report.holds else { return .isMet }
            if verification.onlyTells == true {
                observer.observe(.note(report.told))
                return .isMet
            }
            return .waits(
                UnmetGate(
                    migration: migration, step: step.id, title: step.title, condition: .violations(report)))
        case .release(let release):
            guard !settings.noWriters else { return .runs }
            let gates = Gates(store: store, settings: settings)
            let gate = try gates.unmet(release, step, migration, checksum: checksum)
            return gate.map { .waits($0) } ?? .isMet
        case .schema, .buildIndex, .dropIndex, .backfill, .sqlite, .flip, .soak: return .runs
        }
    }

    /// The user's SQL may fail at a row: then the error names the step.
    private func counted(
        _ verification: Verification, _ step: Step, _ migration: String
    ) throws -> VerificationReport {
        do {
            return try database.verify(verification, migration: migration, step: step.id)
        } catch let failure as DatabaseFailure {
            var error = failure.engineError(doing: "'\(step.title)'", location: location.description)
            error.migration = migration
            error.step = step.id
            throw error
        }
    }

    private func begin(_ plan: Plan, _ source: MigrationSource, beside others: [Plan], uses: [String]) throws
    {
        let conflicts = Conflicts()
        try runner.attempting(nil) {
            try conflicts.check(plan, beside: others)
            try store.begin(plan, checksum: source.checksum, direction: .forward, uses: uses)
            try store.recordShapes(of: plan.tables)
        }
    }
}
