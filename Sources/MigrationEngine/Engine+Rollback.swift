internal import DoubleWrite
internal import MigrationCore

extension Engine {
    /// Takes back what the named migrations did (without names the one in flight), the last first, with the
    /// same gates. At the end they are pending again.
    ///
    /// Called again it goes on where it stopped.
    ///
    /// - Parameter discardingData: Whether a table that has rows, or a column that has values, may be dropped where
    ///   nothing else holds them.
    /// - Throws: ``EngineError``; refused from the first step on that cannot be taken back, under a later migration
    ///   of the same table, and where values would be lost, before anything is changed.
    public func rollback(
        _ sources: [MigrationSource], names: [String] = [], discardingData: Bool = false
    ) throws(EngineError) -> ApplyReport {
        try wording("rollback") {
            tally = Tally()
            var chosen: [String]?
            return try surviving {
                try checkNames(names, sources)
                guard try store.exists() else { throw EngineError(.nothingToRollBack(names)) }
                try prepareToWrite()
                return try leased {
                    let (targets, plans) = try rollbackPlans(names, chosen, discardingData: discardingData)
                    chosen = targets.map(\.name)
                    return try rollback(targets, plans, discardingData: discardingData)
                }
            }
        }
    }

    /// What is rolled back, the last first, and how: everything that can be known to be wrong is found here.
    ///
    /// - Parameter chosen: What this run chose before it lost its connection; what is taken back by now has no plan.
    func rollbackPlans(
        _ names: [String], _ chosen: [String]? = nil, discardingData: Bool
    ) throws -> (targets: [MigrationRecord], plans: [Plan?]) {
        let survey = try Survey(database)
        let targets = try rollbackTargets(names, survey, chosen)
        try survey.checkDrift()
        let plans = try targets.map { record -> Plan? in
            guard record.status != .undone else { return nil }
            return try record.direction == .undo ? record.plan : undoPlan(of: record)
        }
        try check(targets, plans, survey, discardingData: discardingData)
        try refuseSharedSession(for: targets, plans)
        return (targets, plans)
    }

    private func rollback(
        _ targets: [MigrationRecord], _ plans: [Plan?], discardingData: Bool
    ) throws -> ApplyReport {
        var report = ApplyReport()
        let runner = runner
        runner.discardsData = discardingData
        for (record, plan) in zip(targets, plans) {
            guard let plan else {
                report.migrations.append(rolledBack(record))
                continue
            }
            if record.isToTurn {
                // One behind it may wait at a gate.
                guard try later(than: record, Survey(database)) == nil else { continue }
                try warnOfHalfARelease(record)
                try turn(record, plan)
            }
            report.migrations.append(try runner.advance(record.name, through: .contract))
        }
        return report
    }

    /// A gate that waits is not taken back, for it has not opened; but a part of the release may be out.
    private func warnOfHalfARelease(_ record: MigrationRecord) throws {
        let walk = try runner.walk(record.name)
        guard !settings.noWriters, record.status == .running, let next = walk.next else { return }
        let step = walk.steps[next].step
        guard case .release = step.action, !step.undo.isEmpty else { return }
        observer.observe(
            .note(
                "warning: this waited for the release '\(step.title)'; an instance that runs it already and writes by "
                    + "code of its own must go back to the release before, before this rollback goes on"))
    }

    /// By this very run, before it lost its connection.
    private func rolledBack(_ record: MigrationRecord) -> MigrationReport {
        var report = MigrationReport(name: record.name, direction: .undo, outcome: .rolledBack)
        tally.fill(&report)
        return report
    }

    /// Names of files and of the state will do: a file may be gone.
    func checkNames(_ names: [String], _ sources: [MigrationSource]) throws {
        let records = try store.exists() ? store.migrations() : []
        let files = Set(sources.map(\.migration.name)).union(records.map(\.name))
        let unknown = names.filter { !files.contains($0) }
        guard unknown.isEmpty else {
            throw EngineError(
                .unknownMigrations(
                    Dictionary(unknown.map { ($0, NearestName.of($0, among: files)) }) { first, _ in first }))
        }
    }

    /// - Parameter chosen: What this run chose before it lost its connection; some of that may be taken back by now.
    private func rollbackTargets(
        _ names: [String], _ survey: Survey, _ chosen: [String]?
    ) throws -> [MigrationRecord] {
        if let chosen { return chosen.compactMap { survey.record($0) } }
        guard !names.isEmpty else {
            guard survey.inFlight.count <= 1 else {
                throw EngineError(.severalInFlight(survey.inFlight.map(\.name)))
            }
            guard let only = survey.inFlight.first else { throw EngineError(.nothingToRollBack([])) }
            return [only]
        }
        let pending = names.filter { survey.isPending($0) }
        guard pending.isEmpty else { throw EngineError(.nothingToRollBack(pending)) }
        return survey.records.filter { names.contains($0.name) }.reversed()
    }

    private func check(
        _ targets: [MigrationRecord], _ plans: [Plan?], _ survey: Survey, discardingData: Bool
    ) throws {
        var earlier: Set<String> = []
        for (record, plan) in zip(targets, plans) {
            defer { earlier.insert(record.name) }
            guard let plan, record.isToTurn else { continue }
            try checkNothingLater(than: record, survey, besides: earlier)
            guard !discardingData, let forward = try store.migration(record.name)?.plan else { continue }
            try checkNothingLost(plan, of: forward)
        }
    }

    /// The undo steps of everything that was begun, the last first, as a plan of its own.
    ///
    /// A step that is one transaction is taken back only if it happened. Every other step's undo is right
    /// also where the step stopped half-way.
    private func undoPlan(of record: MigrationRecord) throws -> Plan {
        let walk = try runner.walk(record.name)
        var phases: [Plan.PhaseSteps] = []
        for index in walk.steps.indices.reversed() {
            let (phase, step) = walk.steps[index]
            let hasHappened = step.isAtomic ? walk.isOver(index) : walk.records[index] != nil
            guard try hasHappened || isOut(step, at: index, walk) else { continue }
            guard step.isReversible else { throw irreversible(step, walk.record) }
            if phases.last?.phase != phase { phases.append(.init(phase: phase, steps: [])) }
            phases[phases.count - 1].steps += step.undo
        }
        var plan = walk.record.plan
        plan.phases = phases
        plan.pointOfNoReturn = nil
        return plan
    }

    /// Whether it is the gate that the run stands at, and an application was attested for it: its release is out, although
    /// no run has passed the gate yet.
    private func isOut(_ step: Step, at index: Int, _ walk: Walk) throws -> Bool {
        guard index == walk.next, case .release(let release) = step.action else { return false }
        let attested = try store.attestations(of: walk.record.name, checksum: walk.record.checksum)
        return settings.applications.contains { release.isMet(by: attested.conducts[$0]) }
    }

    private func irreversible(_ step: Step, _ record: MigrationRecord) -> EngineError {
        let why = record.plan.pointOfNoReturn?.reason ?? "'\(step.title)' has happened"
        let first = record.plan.pointOfNoReturn?.step ?? step.id
        return EngineError(.irreversible(migration: record.name, step: first, why: why))
    }

    private func turn(_ record: MigrationRecord, _ plan: Plan) throws {
        try runner.attempting(nil) {
            try store.begin(plan, checksum: record.checksum, direction: .undo, uses: record.uses)
            try store.recordShapes(of: plan.tables)
        }
    }
}

extension MigrationRecord {
    /// Whether its rollback has not begun.
    fileprivate var isToTurn: Bool { direction == .forward || !isInFlight }
}
