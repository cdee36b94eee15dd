internal import DoubleWrite
internal import MigrationCore

extension Engine {
    /// Where every migration of the files and of the state stands. Writes nothing.
    public func status(_ sources: [MigrationSource]) throws(EngineError) -> StatusReport {
        try wording("status") {
            let selection = try Selection(sources, names: [])
            let survey = try Survey(database)
            let hasState = try store.exists()
            let lease = try hasState ? store.lease() : nil
            var report = StatusReport(
                drift: try survey.drift() + survey.newUses(of: survey.inFlight), stages: survey.stages)
            report.strays = try hasState ? store.strayWrites() : []
            report.lease = lease.flatMap { $0.token == nil || $0.isExpired ? nil : $0.holder }
            report.pause = try hasState ? store.pause() : nil
            let pending = selection.all.map(\.migration).filter { survey.isPending($0.name) }
            let plans = (try? survey.planHistory(pending)) ?? []
            report.migrations = try selection.all.map { source in
                let name = source.migration.name
                var status =
                    try survey.isPending(name)
                    ? self.pending(source, plans.first { $0.migration == name }, hasState: hasState)
                    : begun(name, survey)
                status.isEdited = survey.isEdited(source)
                return status
            }
            report.migrations += try survey.missingFiles(selection.all).map { name in
                var status = try begun(name, survey)
                status.isFileMissing = true
                return status
            }
            report.migrations.sort { $0.name < $1.name }
            return report
        }
    }

    /// A migration that has not begun: it may wait for the release that its first step is.
    private func pending(_ source: MigrationSource, _ plan: Plan?, hasState: Bool) throws -> MigrationStatus {
        let name = source.migration.name
        var status = MigrationStatus(
            name: name, description: source.migration.description, state: .pending)
        guard let plan, let first = plan.steps.first else { return status }
        status.step = StepPosition(phase: first.phase, step: first.step, number: 1, count: plan.steps.count)
        guard case .release(let release) = first.step.action else { return status }
        let attested = try hasState ? store.attestations(of: name, checksum: source.checksum) : Attested()
        let missing = settings.applications.filter { !release.isMet(by: attested.conducts[$0]) }
        guard !missing.isEmpty else { return status }
        status.waitsFor = [.release(release, missing: missing, attested: attested, first.step, name)]
        return status
    }

    /// A migration that has begun.
    private func begun(_ name: String, _ survey: Survey) throws -> MigrationStatus {
        let walk = try runner.walk(name)
        var status = MigrationStatus(
            name: name, description: walk.record.plan.description, state: walk.record.state,
            phase: walk.phase ?? walk.record.phase)
        status.started = walk.record.started
        status.finished = walk.record.finished
        status.rows = walk.steps.indices.reduce(0) { rows, index in
            guard case .backfill = walk.steps[index].step.action else { return rows }
            return rows + (walk.records[index]?.rows ?? 0)
        }
        status.evidence = try walk.evidence()
        guard walk.record.isInFlight, let index = walk.next else { return status }
        status.phase = walk.steps[index].phase
        status.step = walk.position(index)
        status.error = walk.records[index]?.error
        status.waitsFor = try waitsFor(walk, index)
        return status
    }

    private func waitsFor(_ walk: Walk, _ index: Int) throws -> [UnmetGate] {
        if let gate = try Gates(store: store, settings: settings).waiting(at: walk, index) { return [gate] }
        let step = walk.steps[index].step
        func gate(_ condition: UnmetGate.Condition) -> UnmetGate {
            UnmetGate(migration: walk.record.name, step: step.id, title: step.title, condition: condition)
        }
        var gates: [UnmetGate] = []
        if let stored = walk.record.openTransactions, walk.mustSettle(index) {
            let waitedFor = try StoredJSON.value(
                Set<OpenTransaction>.self, from: stored, what: "the open transactions")
            let open = try database.openTransactions().filter { waitedFor.contains($0.key) }
            if !open.isEmpty { gates.append(gate(.transactions(Array(open.values)))) }
        }
        if case .verify(let verification) = step.action, var found = try walk.evidence(at: index),
            !found.holds
        {
            // No row is kept in the state: these are the ones of now.
            found.samples = try database.samples(verification, found.counts)
            gates.append(gate(.violations(found)))
        }
        return gates
    }
}

extension MigrationRecord {
    fileprivate var state: MigrationStatus.State {
        switch (status, direction) {
        case (.finished, _): .finished
        case (.undone, _): .pending
        case (.running, .forward): .inFlight
        case (.running, .undo): .rollingBack
        }
    }
}

extension Walk {
    /// What a verification found last.
    func evidence(at index: Int) throws -> VerificationReport? {
        guard let text = records[index]?.evidence else { return nil }
        return try StoredJSON.value(StoredEvidence.self, from: text, what: "a verification")
            .report(migration: record.name, step: steps[index].step.id)
    }

    /// What all verifications found.
    func evidence() throws -> [VerificationReport] {
        try steps.indices.compactMap { try evidence(at: $0) }
    }
}
