import MigrationCore
import MigrationEngine

/// What `apply` or `rollback` came to, behind the lines of the steps.
struct ReportText {
    let report: ApplyReport
    var style = Style.plain
    var width = 96
    var commands = CommandWords()

    /// The whole text, with a line end.
    var text: String {
        let told = report.migrations.filter { $0.outcome != .finished || $0.stepsRun > 0 }
        if report.migrations.isEmpty { return "nothing to do: there is no migration\n" }
        if told.isEmpty { return "nothing to do: every migration is finished\n" }
        return told.flatMap(lines).joined(separator: "\n") + "\n"
    }

    private func lines(_ migration: MigrationReport) -> [String] {
        let name = style(migration.name.onOneLine, .bold)
        switch migration.outcome {
        case .finished: return ["\(name) \(style("finished", .green))\(work(migration))"]
        case .rolledBack: return ["\(name) \(style("rolled back", .green))\(work(migration))"]
        case .reached(let next):
            return [
                "\(name) stands before \(next.rawValue)\(work(migration))",
                "  " + style("goes on by".padded(to: 11), .dim)
                    + style(commands.apply(migration.name, through: next == .contract ? next : nil), .bold),
            ]
        case .waiting(let gates):
            let head = "\(name) waits\(place(migration))\(work(migration))"
            return [head]
                + gates.flatMap {
                    GateText(
                        gate: $0, direction: migration.direction, phase: migration.step?.phase, style: style,
                        width: width, commands: commands
                    ).lines
                }
        }
    }

    private func place(_ migration: MigrationReport) -> String {
        migration.step.map { " at step \($0.number) of \($0.count)" } ?? ""
    }

    private func work(_ migration: MigrationReport) -> String {
        guard migration.stepsRun > 0 else { return "" }
        let rows = migration.rows > 0 ? ", \(Words.count(migration.rows, "row")) written" : ""
        return style(" (\(Words.count(Int64(migration.stepsRun), "step"))\(rows))", .dim)
    }
}
