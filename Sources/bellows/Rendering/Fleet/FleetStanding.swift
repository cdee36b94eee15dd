import MigrationCore
import MigrationEngine

/// Where one database of a fleet stands before a run.
struct FleetStanding: Sendable {
    /// The migrations that the command is about.
    var migrations: [MigrationStatus]
    /// The plans of those that are not finished.
    var plans: [Plan] = []

    /// The migrations that are not finished, and how far each is.
    var words: String {
        let flying = migrations.filter { $0.state == .inFlight || $0.state == .rollingBack }
        let pending = migrations.filter { $0.state == .pending }
        var words = flying.map { migration in
            let verb = migration.state == .inFlight ? "in flight" : "rolling back"
            let step = migration.step.map { " at step \($0.number) of \($0.count)" } ?? ""
            return "\(migration.name.onOneLine) \(verb)\(step)"
        }
        if let first = pending.first {
            let more = pending.count > 1 ? " and \(pending.count - 1) more" : ""
            words.append("\(first.name.onOneLine)\(more) pending")
        }
        return words.isEmpty ? "finished" : words.joined(separator: ", ")
    }
}

extension FleetStanding {
    /// The migrations before one that are yet to be begun.
    fileprivate func pending(before name: String) -> [String] {
        migrations.filter { $0.state == .pending && $0.name < name }.map(\.name)
    }
}

/// Where the databases of a fleet stand, and in what their plans differ.
struct FleetStandingText {
    /// `20 PostgreSQL databases of fleet.txt`.
    var title: String
    /// The databases' names in their order, and where each stands.
    var standings: [(name: String, standing: FleetStanding)]
    var style = Style.plain
    var width = 96

    var lines: [String] {
        let groups = FleetGroups(standings.map { ($0.name, $0.standing.words) }).groups
        if groups.count == 1, let group = groups.first {
            return [style(title, .bold) + (standings.count > 1 ? ", all alike: " : ": ") + group.key]
                + differences
        }
        let digits = groups.first.map { String($0.names.count).count } ?? 1
        let column = groups.map(\.key.columns).max() ?? 0
        return [style(title, .bold)]
            + groups.flatMap { group in
                let label =
                    "  " + String(group.names.count).rightAligned(to: digits) + "  "
                    + group.key.padded(to: column) + "  "
                return hanging(Words.some(group.names), behind: label)
            } + differences
    }

    /// Each migration's plans that are not as most are.
    ///
    /// One that was made against what earlier files would leave behind is not compared with one that was made against
    /// what they did leave: a type may be spelt in another way there.
    private var differences: [String] {
        var seen: Set<String> = []
        let migrations = standings.flatMap(\.standing.plans).map(\.migration).filter {
            seen.insert($0).inserted
        }
        return migrations.flatMap { migration in
            let made = standings.compactMap { name, standing in
                standing.plans.first { $0.migration == migration }.map { plan in
                    Made(name: name, plan: plan, ground: standing.pending(before: migration))
                }
            }
            let lines = FleetGroups(made.map { ($0.name, $0.ground) }).groups.flatMap { ground in
                differences(made.filter { $0.ground == ground.key })
            }
            guard !lines.isEmpty else { return [String]() }
            return [
                "  " + style("the plan of \(migration.onOneLine) is not the same everywhere", .yellow)
            ] + lines
        }
    }

    private struct Made {
        var name: String
        var plan: Plan
        /// The migrations that it builds on and that are yet to come.
        var ground: [String]
    }

    private func differences(_ made: [Made]) -> [String] {
        let groups = FleetGroups(made.map { ($0.name, $0.plan.phases) }).groups
        func plan(_ phases: [Plan.PhaseSteps]) -> Plan? { made.first { $0.plan.phases == phases }?.plan }
        guard groups.count > 1, let usual = groups.first.flatMap({ plan($0.key) }) else { return [] }
        return groups.dropFirst().flatMap { group -> [String] in
            guard let plan = plan(group.key) else { return [] }
            let words = PlanDifference(plan: plan, usual: usual).words
            let most = 4
            let more = words.count > most ? ["and \(words.count - most) more"] : []
            return hanging(
                (words.prefix(most) + more).joined(separator: "; "),
                behind: "    \(Words.some(group.names)): ")
        }
    }

    private func hanging(_ text: String, behind label: String) -> [String] {
        let room = width - label.columns
        guard room >= 20 else { return [label] + wrapped(text, width: width - 8).map { "        " + $0 } }
        return wrapped(text, width: room).enumerated().map { index, line in
            (index == 0 ? label : String(repeating: " ", count: label.columns)) + line
        }
    }
}
