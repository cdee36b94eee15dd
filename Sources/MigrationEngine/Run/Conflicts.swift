internal import DoubleWrite
internal import MigrationCore

/// Finds migrations that would change the same column at the same time.
struct Conflicts {
    let dialect: Dialect

    /// - Throws: ``EngineError/Reason/conflict(migration:with:column:)`` for the first pair, when `plan`
    ///   begins beside
    ///   those in flight.
    func check(_ plan: Plan, beside others: [Plan]) throws {
        for other in others where other.migration != plan.migration {
            for touched in plan.touches {
                guard let both = other.touches.first(where: { overlap($0, touched) }) else { continue }
                let column = touched.column ?? both.column
                throw EngineError(
                    .conflict(
                        migration: other.migration, with: plan.migration,
                        column: column.map { "'\(touched.table).\($0)'" } ?? "table '\(touched.table)'"))
            }
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

    private func overlap(_ left: TouchedColumn, _ right: TouchedColumn) -> Bool {
        guard dialect.quote(left.table) == dialect.quote(right.table) else { return false }
        guard let one = left.column, let other = right.column else { return true }
        return one == other
    }
}
