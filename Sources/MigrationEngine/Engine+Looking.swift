internal import DoubleWrite
public import MigrationCore

extension Engine {
    /// The plans of the named migrations (all unfinished ones without names), in order: the stored plan of
    /// one that is in flight, else one made against the schema that those before leave behind, whether they
    /// are named or not. Writes nothing.
    public func plans(_ sources: [MigrationSource], names: [String] = []) throws(EngineError) -> [Plan] {
        try wording("plan") {
            let selection = try Selection(sources, names: names)
            let survey = try Survey(database)
            try survey.checkFiles(selection.all)
            let pending = selection.upToChosen.map(\.migration).filter { survey.isPending($0.name) }
            let made = try survey.planHistory(pending, proves: true)
            return selection.chosen.compactMap { source in
                let name = source.migration.name
                if let plan = made.first(where: { $0.migration == name }) { return plan }
                return survey.record(name).flatMap { $0.isInFlight ? $0.plan : nil }
            }
        }
    }

    /// What of some releases breaks first while the named migrations that are not begun are carried through (all without
    /// names). Writes nothing.
    public func breach(
        of releases: [ReleaseContract], _ sources: [MigrationSource], names: [String] = []
    ) throws(EngineError) -> ContractBreach? {
        try wording("check") {
            let selection = try Selection(sources, names: names)
            let survey = try Survey(database)
            let pending = selection.upToChosen.map(\.migration).filter { survey.isPending($0.name) }
            return try survey.breach(of: releases, in: pending)
        }
    }

    /// Counts the rows in which old and new disagree now, for the named migrations in flight (all without
    /// names): by the next verification that each has before it. Writes nothing.
    public func verify(_ sources: [MigrationSource], names: [String] = []) throws(EngineError)
        -> [VerificationReport]
    {
        try wording("verify") {
            let selection = try Selection(sources, names: names)
            let survey = try Survey(database)
            let chosen = Set(selection.chosen.map(\.migration.name))
            return try survey.inFlight.filter { names.isEmpty || chosen.contains($0.name) }.flatMap {
                try verify(runner.walk($0.name))
            }
        }
    }

    private func verify(_ walk: Walk) throws -> [VerificationReport] {
        var seen: Set<TableName> = []
        var reports: [VerificationReport] = []
        for index in walk.steps.indices where !walk.isOver(index) {
            let step = walk.steps[index].step
            guard case .verify(let verification) = step.action, verification.onlyTells != true,
                seen.insert(verification.table).inserted
            else {
                continue
            }
            do {
                reports.append(
                    try database.verify(verification, migration: walk.record.name, step: step.id))
            } catch let failure as DatabaseFailure where failure.kind == .missingName {
                // The expand has not been: there is nothing to compare yet.
            }
        }
        return reports
    }
}
