internal import DoubleWrite
internal import MigrationCore

/// Migrations that fill the same table, one right behind the other, go as far as that first; then one pass over it does it
/// for all of them.
extension Engine {
    /// What a migration comes to when its turn is there. Those behind it that can have a part in its pass are brought to it.
    ///
    /// What goes wrong with one of those is its own affair, and told at its own turn.
    func turn(
        of source: MigrationSource, in line: inout Line, through phase: Phase,
        after earlier: [MigrationReport]
    ) throws -> MigrationReport {
        let name = source.migration.name
        if let known = line.outcomes[name] { return try known.get() }
        let runner = runner
        let companions = line.behind(name)
        runner.stopsAtBackfill = !companions.isEmpty
        let report = try apply(source, through: phase, by: runner, after: earlier)
        guard runner.stopsAtBackfill, report.isAtBackfill(through: phase) else { return report }
        for other in companions {
            guard let outcome = try bring(other, through: phase, by: runner) else { continue }
            if (try? outcome.get())?.isAtBackfill(through: phase) == true {
                runner.companions.append(other.migration.name)
            } else {
                line.outcomes[other.migration.name] = outcome
            }
        }
        runner.stopsAtBackfill = false
        return try runner.advance(name, through: phase)
    }

    /// - Returns: What it came to; `nil` where that cannot be told before its turn: it builds on what comes before.
    private func bring(
        _ source: MigrationSource, through phase: Phase, by runner: Runner
    ) throws -> Result<MigrationReport, any Error>? {
        do {
            return .success(try apply(source, through: phase, by: runner, after: []))
        } catch is PlanningProblems {
            return nil
        } catch let error as EngineError where !error.endsRun {
            return .failure(error)
        } catch let failure as DatabaseFailure where failure.kind != .connection {
            return .failure(failure)
        }
    }
}

extension MigrationReport {
    /// Whether it stopped at a backfill that is within the limit.
    fileprivate func isAtBackfill(through limit: Phase) -> Bool {
        guard case .reached = outcome, let step else { return false }
        return step.step.isBackfill && step.phase <= limit
    }
}

extension EngineError {
    /// Whether no other migration would do better.
    fileprivate var endsRun: Bool {
        switch reason {
        case .connection, .connectionLost, .leaseHeld, .leaseLost, .readOnly, .state, .stopped: true
        default: false
        }
    }
}

/// The migrations of a run that are not finished, in their order, and who has a part in whose pass over a table.
struct Line {
    private struct Place {
        var source: MigrationSource
        var plan: Plan
        /// What its expand has yet to fill.
        var backfills: [Backfill]

        /// Whether it runs statements of somebody's own: nobody knows what else depends on when they run.
        var isOpaque: Bool {
            plan.steps.contains { _, step in
                if case .schema(let change) = step.action { change.table == nil } else { false }
            }
        }

        func sharesPass(with other: Place) -> Bool {
            backfills.contains { mine in other.backfills.contains { mine.joined(with: $0) != nil } }
        }
    }

    private var places: [Place] = []
    /// What those came to that were brought, and are not where they fill anything.
    var outcomes: [String: Result<MigrationReport, any Error>] = [:]

    /// - Parameters:
    ///   - walks: Those in flight.
    ///   - plans: Those that have not begun.
    init(_ sources: [MigrationSource], walks: [Walk], plans: [Plan]) {
        for source in sources {
            let name = source.migration.name
            if let walk = walks.first(where: { $0.record.name == name }) {
                let pending = walk.steps.indices.filter { !walk.isOver($0) }.map { walk.steps[$0] }
                let backfills = Self.backfills(of: pending)
                places.append(Place(source: source, plan: walk.record.plan, backfills: backfills))
            } else if let plan = plans.first(where: { $0.migration == name }) {
                places.append(Place(source: source, plan: plan, backfills: Self.backfills(of: plan.steps)))
            }
        }
    }

    /// Those right behind a migration that fill the table that it fills, as far as nothing stands between them and none is
    /// in the way of another.
    func behind(_ name: String) -> [MigrationSource] {
        guard let index = places.firstIndex(where: { $0.source.migration.name == name }),
            !places[index].isOpaque
        else { return [] }
        var group = [places[index]]
        for other in places[(index + 1)...] {
            let isFree = group.allSatisfy { Conflict(between: $0.plan, and: other.plan) == nil }
            guard isFree, !other.isOpaque, group[0].sharesPass(with: other) else { break }
            group.append(other)
        }
        return group.dropFirst().map(\.source)
    }

    private static func backfills(of steps: [(phase: Phase, step: Step)]) -> [Backfill] {
        steps.compactMap { phase, step in
            guard phase == .expand, case .backfill(let backfill) = step.action else { return nil }
            return backfill
        }
    }
}

extension Runner {
    /// How long a backfill waits for transactions that only a companion's has to wait for.
    private static let patienceForCompanions = Duration.seconds(5)

    /// A backfill, and in the same pass those of the same table at which companions stand.
    ///
    /// Where that does not work out it is done alone: that may be for a companion's sake.
    ///
    /// - Returns: The rows written by all runs.
    func backfill(_ work: BackfillWork, _ walk: Walk) throws -> Int64 {
        let shared = try companions(of: work)
        let saved = walk.records[work.place.ordinal]
        guard shared.others.count > work.others.count else { return try backfill(work, saved) }
        let others = Set(shared.others.map(\.migration)).subtracting([work.place.migration])
        observer.observe(.note("in the same pass: \(others.sorted().joined(separator: ", "))"))
        do {
            return try backfill(shared, saved)
        } catch let failure as DatabaseFailure where [.other, .missingName].contains(failure.kind) {
            observer.observe(.note("not in the same pass: \(failure.message)"))
        } catch let error as EngineError where error.leavesRows {
            observer.observe(.note("not in the same pass: it comes to no end"))
        }
        return try backfill(work, self.walk(walk.record.name).records[work.place.ordinal])
    }

    private func companions(of work: BackfillWork) throws -> BackfillWork {
        var shared = work
        for name in companions {
            let other = try walk(name)
            guard let index = other.next, other.steps[index].phase == work.place.phase,
                case .backfill(let backfill) = other.steps[index].step.action,
                case let theirs = other.work(backfill, at: index),
                let joined = shared.backfill.joined(with: theirs.backfill), try isSettled(other, index)
            else { continue }
            shared.backfill = joined
            shared.others += [theirs.place] + theirs.others
        }
        return shared
    }

    private func isSettled(_ walk: Walk, _ index: Int) throws -> Bool {
        guard !settings.noWriters, settings.faults.settles, walk.mustSettle(index) else { return true }
        let limit = min(settings.settleTimeout, Self.patienceForCompanions)
        return try settle(walk.record, within: limit) == nil
    }
}

extension EngineError {
    /// Whether a backfill has rows left that it could not bring in step.
    fileprivate var leavesRows: Bool {
        switch reason {
        case .backfillStuck, .lockTimeout: true
        default: false
        }
    }
}

extension Step {
    var isBackfill: Bool {
        if case .backfill = action { true } else { false }
    }
}
