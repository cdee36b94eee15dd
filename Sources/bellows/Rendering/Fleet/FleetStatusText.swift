import DoubleWrite
import MigrationCore
import MigrationEngine

/// Where the databases of a fleet stand: alike ones in one line, what they wait for once, and who is in trouble.
struct FleetStatusText {
    var title: String
    /// The databases that could be looked at.
    var reports: [(name: String, report: StatusReport)]
    var style = Style.plain
    var width = 96
    var commands = CommandWords()

    var lines: [String] {
        guard !reports.isEmpty else { return [] }
        let standings = FleetStandingText(
            title: title,
            standings: reports.map { ($0.name, FleetStanding(migrations: $0.report.migrations)) },
            style: style, width: width)
        let lines = standings.lines + waits + trouble
        let isMore = lines.count > standings.lines.count
        return lines + (isMore ? ["--only NAME shows one of them in full"] : [])
    }

    private var waits: [String] {
        FleetWaits(
            items: reports.flatMap { name, report in
                report.migrations.flatMap { migration in
                    migration.waitsFor.map { gate in
                        FleetWaits.Item(
                            name: name, gate: gate,
                            direction: migration.state == .rollingBack ? .undo : .forward,
                            step: migration.step)
                    }
                }
            }, count: reports.count, style: style, width: width, commands: commands
        ).lines
    }

    /// Edited and missing files, drift, failures, runs that go on now.
    private var trouble: [String] {
        let found = reports.flatMap { name, report in
            troubles(report).map { (name: name, key: $0) }
        }
        return FleetGroups(found).groups.flatMap { group in
            wrapped(Words.some(group.names) + ": " + group.key, width: width)
        }
    }

    private func troubles(_ report: StatusReport) -> [String] {
        var words = report.migrations.flatMap { migration -> [String] in
            let name = migration.name.onOneLine
            return [
                migration.isEdited ? "the file of \(name) was edited after it began" : nil,
                migration.isFileMissing ? "the file of \(name) is gone" : nil,
                migration.error.map { "\(name) failed: \($0.onOneLine)" },
            ].compactMap(\.self)
        }
        words += report.drift.map { "drift: '\($0.table.description.onOneLine)' is not as it was left" }
        words += report.lease.map { ["running now: \($0)".onOneLine] } ?? []
        return words
    }
}

/// What databases wait for, each thing once.
struct FleetWaits {
    struct Item {
        var name: String
        var gate: UnmetGate
        var direction: Direction
        /// The step that waits.
        var step: StepPosition?
    }

    var items: [Item]
    /// How many databases there are.
    var count: Int
    var style = Style.plain
    var width = 96
    var commands = CommandWords()

    /// More than these are told by `--format json`, or `--only`.
    private static let most = 20

    var lines: [String] {
        let groups = FleetGroups(items.map { ($0.name, key($0)) }).groups
        let shown = groups.prefix(Self.most).flatMap { group -> [String] in
            let own = items.filter { key($0) == group.key }
            // What is said once for several is what the last of them waits for.
            guard let latest = own.max(by: { until($0) < until($1) }) else { return [] }
            let names = group.names.count == count && count > 1 ? "all" : Words.some(group.names)
            return wrapped(names + ":", width: width) + told(latest)
        }
        let more = groups.count - Self.most
        return shown + (more > 0 ? ["and \(more) more that wait for something else"] : [])
    }

    private func key(_ item: Item) -> String {
        guard case .soak = item.gate.condition else { return told(item).joined(separator: "\n") }
        return title(item) + "\nsoak"
    }

    private func until(_ item: Item) -> Int64 {
        guard case .soak(let until, _) = item.gate.condition else { return 0 }
        return until.milliseconds
    }

    private func title(_ item: Item) -> String {
        "  " + style(item.gate.migration.onOneLine, .bold) + " waits"
    }

    private func told(_ item: Item) -> [String] {
        [title(item)]
            + GateText(
                gate: item.gate, direction: item.direction, phase: item.step?.phase, style: style,
                width: width, commands: commands, indent: 4
            ).lines
    }
}

/// What `verify` counted in one database, in one line; the counts below it where rows disagree.
struct FleetVerification {
    var reports: [VerificationReport]
    var style = Style.plain

    var text: String {
        guard !reports.isEmpty else { return style("nothing to verify", .dim) }
        let rows = reports.reduce(0) { $0 + $1.rows }
        let wrong = reports.filter { !$0.holds }
        guard !wrong.isEmpty else {
            return style("holds", .green) + " in \(Words.count(rows, "row"))"
        }
        return style("violated", .red) + " in \(Words.count(rows, "row"))"
            + wrong.flatMap { VerificationText(report: $0, style: style).lines }.map { "\n  " + $0 }.joined()
    }
}
