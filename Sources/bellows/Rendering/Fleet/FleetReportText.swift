import MigrationCore
import MigrationEngine

/// What a run over many databases came to, behind their rows: the sum, and what they wait for, each thing once.
struct FleetReportText {
    /// The databases' names in their order, and what became of each.
    var results: [(name: String, result: FleetResult<ApplyReport>)]
    var style = Style.plain
    var width = 96
    var commands = CommandWords()

    var lines: [String] { [sum] + todo }

    private var sum: String {
        let kinds = results.map { FleetRow(result: $0.result).kind }
        let parts = FleetRow.Kind.allCases.compactMap { kind in
            let count = kinds.count { $0 == kind }
            return count > 0 ? kind.words(count) : nil
        }
        return style(Words.databases(results.count), .bold) + ": " + Words.list(parts)
    }

    /// What stands before a phase that was not asked for, and what waits.
    private var todo: [String] {
        let reached = results.flatMap { name, result in
            (result.value?.migrations ?? []).compactMap { self.reached($0) }.map { (name: name, key: $0) }
        }
        let lines = FleetGroups(reached).groups.flatMap { group in
            wrapped(who(group.names), width: width) + group.key
        }
        let waits = results.flatMap { name, result in
            (result.value?.migrations ?? []).flatMap { migration in
                migration.unmetGates.map {
                    FleetWaits.Item(
                        name: name, gate: $0, direction: migration.direction, step: migration.step)
                }
            }
        }
        return lines
            + FleetWaits(items: waits, count: results.count, style: style, width: width, commands: commands)
            .lines
    }

    private func who(_ names: [String]) -> String {
        (names.count == results.count && names.count > 1 ? "all" : Words.some(names)) + ":"
    }

    private func reached(_ migration: MigrationReport) -> [String]? {
        guard case .reached(let next) = migration.outcome else { return nil }
        let command = commands.apply(migration.name, through: next == .contract ? next : nil)
        return [
            "  " + style(migration.name.onOneLine, .bold) + " stands before \(next.rawValue)",
            "    " + style("goes on by".padded(to: 11), .dim) + style(command, .bold),
        ]
    }
}

/// The databases that could not be done, for standard error: what is the same is said once.
enum FleetFailures {
    static func message(_ failures: [(name: String, failure: CommandFailure)], of count: Int) -> String {
        let groups = FleetGroups(failures.map { ($0.name, $0.failure.message) }).groups
        let head = "\(failures.count) of \(Words.databases(count)) failed"
        return
            ([head + ":"]
            + groups.map { group in
                let lines = group.key.split(separator: "\n").joined(separator: "\n    ")
                return "  \(Words.some(group.names)): \(lines)"
            }).joined(separator: "\n")
    }
}
