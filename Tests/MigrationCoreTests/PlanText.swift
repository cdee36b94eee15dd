import DoubleWrite
import MigrationCore

/// Renders a plan as text for the golden files: everything that it says, in its order.
enum PlanText {
    static func render(_ plan: Plan) -> String {
        var lines = ["# \(plan.migration) (\(plan.dialect.rawValue))"]
        for phase in plan.phases {
            lines += ["", "## \(phase.phase.rawValue)"]
            for step in phase.steps { lines += render(step, plan.dialect, indent: "") }
        }
        lines += ["", "## and"]
        lines += plan.warnings.map { "warning: \($0)" }
        lines += plan.unresolved.map { "unresolved: \($0)" }
        lines += plan.touches.map { "touches: \($0)" }
        if let point = plan.pointOfNoReturn {
            lines.append("point of no return: \(point.step): \(point.reason)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func render(_ step: Step, _ dialect: Dialect, indent: String) -> [String] {
        var lines = ["", indent + "[\(step.id)] \(step.kind.rawValue): \(step.title)"]
        func add(_ text: String) {
            lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { indent + "  " + $0 }
        }
        if !step.explanation.isEmpty { add(step.explanation) }
        var marks: [String] = []
        if let lock = step.lock { marks.append("lock: \(lock.mode) on \(lock.object) \(lock.duration)") }
        if step.scans { marks.append("scans") }
        if step.rewrites { marks.append("rewrites") }
        if step.settlesFirst { marks.append("settles first") }
        if !step.isReversible { marks.append("irreversible") }
        if case .release(let release) = step.action {
            marks.append("needs \(release.needs.rawValue)\(release.acceptsHelper ? " or helper" : "")")
        }
        if !marks.isEmpty { add("(" + marks.joined(separator: "; ") + ")") }
        for statement in step.sql(dialect) { add("> " + statement) }
        for undo in step.undo { lines += render(undo, dialect, indent: indent + "    ") }
        return lines
    }
}
