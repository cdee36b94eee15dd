import MigrationCore
import MigrationFiles

/// What `check` found, for people.
struct CheckText {
    let report: CheckReport
    var style = Style.plain
    var width = 96

    var text: String { lines.joined(separator: "\n") + "\n" }

    private var lines: [String] {
        var lines = report.rollouts.flatMap { rollout($0.file.path, $0.verdict) }
        lines += report.plans.map {
            "\($0.migration.onOneLine): \($0.proof?.line ?? "planned before there were proofs")"
        }
        lines += report.hazards.map { style($0.description, .red) }
        if let breach = report.breach {
            lines.append("releases: \(style("not safe", .red)): \(breach.description)")
        } else if !report.releases.isEmpty {
            let names = report.releases.map { "'\($0.onOneLine)'" }.joined(separator: ", ")
            lines.append("releases: \(names) live with every state of the schema that the plans pass through")
        }
        return lines.isEmpty ? ["nothing to check: every migration is finished"] : lines
    }

    private func rollout(_ path: String, _ verdict: Rollout.Verdict) -> [String] {
        let states = Words.count(Int64(verdict.states), "state")
        guard !verdict.isSafe else {
            return ["\(path.onOneLine): \(style("safe", .green)): \(states), no lost write, no stale read"]
        }
        let kinds = verdict.faults.map(\.kind.rawValue).joined(separator: ", ")
        var lines = ["\(path.onOneLine): \(style("not safe", .red)): \(states), \(kinds)"]
        for fault in verdict.faults {
            lines.append("  the shortest way to a \(fault.kind.rawValue):")
            lines += fault.trace.enumerated().map { "    \($0.offset + 1). \($0.element.onOneLine)" }
        }
        return lines
    }
}
