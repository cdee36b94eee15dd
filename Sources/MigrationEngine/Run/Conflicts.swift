internal import MigrationCore

/// Finds migrations that would change the same column at the same time.
struct Conflicts {
    /// - Throws: ``EngineError/Reason/conflict(migration:with:column:)`` for the first pair, when `plan`
    ///   begins beside
    ///   those in flight.
    func check(_ plan: Plan, beside others: [Plan]) throws {
        for other in others where other.migration != plan.migration {
            guard let conflict = Conflict(between: other, and: plan) else { continue }
            let touched = conflict.touched
            throw EngineError(
                .conflict(
                    migration: other.migration, with: plan.migration,
                    column: touched.column.map { "'\(touched.table).\($0)'" }
                        ?? "table '\(touched.table)'"))
        }
    }

    /// Checks plans that begin one after the other: only one that cannot finish at once stands in the way of
    /// those behind it.
    func check(_ plans: [Plan], inFlight: [Plan], through limit: Phase, noWriters: Bool) throws {
        let finishesAll = noWriters && limit == .contract
        var lingering = finishesAll ? [] : inFlight
        for plan in plans {
            try check(plan, beside: lingering)
            let waits = plan.steps.contains { $0.phase > limit || ($0.step.isGate && !noWriters) }
            if waits { lingering.append(plan) }
        }
    }
}
