import DoubleWrite
import MigrationCore

/// A plan as SQL for a reviewer: the statements in order, everything else as comments.
struct PlanSQL {
    let plan: Plan

    /// The whole text, with a line end.
    var text: String {
        var lines = [
            comment("\(plan.migration) on \(Words.database(plan.dialect))"),
            comment("For reading: gates, batches, locks and retries are what 'bellows apply' adds."),
        ]
        lines += ([plan.proof?.line].compactMap(\.self) + plan.unresolved + plan.warnings).map { comment($0) }
        for (index, entry) in plan.steps.enumerated() {
            lines += [
                "",
                comment(
                    "\(index + 1) \(entry.phase.rawValue) \(entry.step.kind.rawValue): \(entry.step.title)"),
            ]
            lines += statements(entry.step)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func statements(_ step: Step) -> [String] {
        let statements = step.sql(plan.dialect).map(\.terminated)
        switch step.action {
        case .schema, .flip: return ["BEGIN;"] + statements + ["COMMIT;"]
        case .backfill: return [comment("one batch of many, until no row differs")] + statements
        case .release, .soak, .buildIndex, .dropIndex, .verify, .sqlite: return statements
        }
    }

    private func comment(_ text: String) -> String { "-- " + text.onOneLine }
}
