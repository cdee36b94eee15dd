import MigrationCore

/// How the plan of one database differs from that of the others: by their steps.
///
/// Each database's plan is made against its own schema, so that one with an index more, or another type, has steps of its
/// own.
struct PlanDifference {
    let plan: Plan
    /// What most databases have.
    let usual: Plan

    /// What is different, in words; empty where the steps are the same.
    var words: [String] {
        guard plan.phases != usual.phases else { return [] }
        let own = Dictionary(plan.steps.map { ($0.step.id, $0.step) }) { first, _ in first }
        let others = Dictionary(usual.steps.map { ($0.step.id, $0.step) }) { first, _ in first }
        var words = usual.steps.filter { own[$0.step.id] == nil }.map { "without '\($0.step.title)'" }
        words += plan.steps.filter { others[$0.step.id] == nil }.map { "also '\($0.step.title)'" }
        words += plan.steps.compactMap { _, step in
            guard let other = others[step.id], other != step else { return nil }
            return
                (step.sql(plan.dialect) == other.sql(plan.dialect) ? "another form of '" : "other SQL in '")
                + step.title + "'"
        }
        return words.isEmpty ? ["the same steps in another order"] : words.map(\.onOneLine)
    }
}
