internal import DoubleWrite
internal import MigrationCore

/// Migrations that fill the same table go as far as that first, and one pass over it does it for all of them.
extension Engine {
    /// Brings those of the chosen ones that share a pass to their backfills, by name.
    ///
    /// What goes wrong with one of them is nobody else's affair, and told when its turn comes.
    ///
    /// - Parameter plans: Those of the chosen ones that have not begun.
    /// - Returns: Their names.
    func gather(_ plans: [Plan], of selection: Selection, through phase: Phase) throws -> Set<String> {
        let companions = Companions(try walks(of: selection), plans).names
        let runner = runner
        runner.stopsAtBackfill = true
        for source in selection.chosen where companions.contains(source.migration.name) {
            try bring(source, through: phase, by: runner)
        }
        return companions
    }

    private func walks(of selection: Selection) throws -> [Walk] {
        let chosen = Set(selection.chosen.map(\.migration.name))
        var walks: [Walk] = []
        for record in try Survey(database).inFlight
        where chosen.contains(record.name) && record.direction == .forward {
            walks.append(try runner.walk(record.name))
        }
        return walks
    }

    private func bring(_ source: MigrationSource, through phase: Phase, by runner: Runner) throws {
        do {
            _ = try apply(source, through: phase, by: runner, after: [])
        } catch {
            guard error is PlanningProblems || (error as? EngineError)?.isOfOneMigration == true else {
                throw error
            }
        }
    }
}

extension EngineError {
    /// Whether another migration may do better.
    fileprivate var isOfOneMigration: Bool {
        switch reason {
        case .database, .lockTimeout, .index: migration != nil
        default: false
        }
    }
}

/// Which migrations of a run share a pass over a table.
struct Companions {
    /// None or several.
    let names: Set<String>

    /// - Parameters:
    ///   - walks: Those in flight.
    ///   - plans: Those that have not begun, in their order. One of them that cannot be in flight beside what comes before it
    ///     shares nothing.
    init(_ walks: [Walk], _ plans: [Plan]) {
        var backfills: [(name: String, backfill: Backfill)] = []
        for walk in walks {
            let pending = walk.steps.indices.filter { !walk.isOver($0) }.map { walk.steps[$0] }
            backfills += Self.backfills(of: pending).map { (walk.record.name, $0) }
        }
        var before = walks.map(\.record.plan)
        for plan in plans {
            if before.allSatisfy({ Conflict(between: $0, and: plan) == nil }) {
                backfills += Self.backfills(of: plan.steps).map { (plan.migration, $0) }
            }
            before.append(plan)
        }
        names = Set(
            backfills.filter { name, backfill in
                backfills.contains { $0 != name && backfill.joined(with: $1) != nil }
            }.map(\.name))
    }

    /// What the expand fills.
    private static func backfills(of steps: [(phase: Phase, step: Step)]) -> [Backfill] {
        steps.compactMap { phase, step in
            guard phase == .expand, case .backfill(let backfill) = step.action else { return nil }
            return backfill
        }
    }
}

extension Runner {
    /// A backfill, and in the same pass those of the same table at which companions stand.
    ///
    /// Where that fails at what a companion wants of a row, it is done alone.
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
        } catch let failure as DatabaseFailure where failure.kind == .other {
            observer.observe(.note("not in the same pass: \(failure.message)"))
        } catch let error as EngineError where error.isBackfillStuck {
            observer.observe(.note("not in the same pass: it comes to no end"))
        }
        return try backfill(work, self.walk(walk.record.name).records[work.place.ordinal])
    }

    private func companions(of work: BackfillWork) throws -> BackfillWork {
        var shared = work
        for name in companions.subtracting([work.place.migration]).sorted() {
            guard let record = try store.migration(name), record.isInFlight, record.direction == .forward
            else { continue }
            let other = try walk(name)
            guard let index = other.next, other.steps[index].phase == work.place.phase,
                case .backfill(let backfill) = other.steps[index].step.action,
                case let theirs = other.work(backfill, at: index),
                let joined = shared.backfill.joined(with: theirs.backfill), try unmetGate(other, index) == nil
            else { continue }
            shared.backfill = joined
            shared.others += [theirs.place] + theirs.others
        }
        return shared
    }
}

extension EngineError {
    fileprivate var isBackfillStuck: Bool {
        if case .backfillStuck = reason { true } else { false }
    }
}

extension Step {
    var isBackfill: Bool {
        if case .backfill = action { true } else { false }
    }
}
