import ArgumentParser
import MigrationCore
import MigrationEngine
import Synchronization

/// A run over many databases, and how it is told: where they stand, a row for each, and what they came to.
struct FleetRunReport {
    let session: FleetSession
    let format: ReportFormat
    /// Whether the others are done where one cannot be.
    let goesOn: Bool
    private let stop = StopSwitch()
    private let aborts = FleetAborts()

    init(session: FleetSession, format: ReportFormat, goesOn: Bool) {
        var session = session
        session.settings.stop = stop
        self.session = session
        self.format = format
        self.goesOn = goesOn
    }

    /// `apply`: nothing is begun anywhere before every database was looked at.
    func apply(_ names: [String], through phase: Phase) throws {
        try session.checkNames(names)
        let sources = session.sources
        let standings = look { engine, _ throws(EngineError) in
            try engine.checkApply(sources, names: names, through: phase)
            let plans = try engine.plans(sources, names: names)
            return FleetStanding(
                migrations: try engine.status(sources).migrations.filter { $0.isChosen(names) }, plans: plans)
        }
        try run(standings, chosen: standings.indices.filter { standings[$0].value != nil }) {
            engine, _ throws(EngineError) in
            try engine.apply(sources, names: names, through: phase)
        }
    }

    /// `rollback`: what has not begun in a database is left alone there.
    func rollback(_ names: [String], discardingData: Bool) throws {
        let sources = session.sources
        let statuses = look { engine, _ throws(EngineError) in
            FleetStanding(migrations: try engine.status(sources).migrations.filter { $0.isChosen(names) })
        }
        let chosen = try names.isEmpty ? [onlyOneInFlight(statuses)] : names
        let begun = statuses.map { result in
            (result.value?.migrations ?? []).filter { $0.state != .pending && chosen.contains($0.name) }
                .map(\.name)
        }
        guard goesOn || !statuses.contains(where: { $0.failure != nil }) else {
            return try run(statuses, chosen: []) { _, _ throws(EngineError) in ApplyReport() }
        }
        guard begun.contains(where: { !$0.isEmpty }) else {
            throw CommandFailure(
                "not begun in any of the \(Words.databases(begun.count)), nothing to roll back: "
                    + chosen.map { "'\($0.onOneLine)'" }.joined(separator: ", "), exitCode: 2)
        }
        let standings = look { engine, index throws(EngineError) in
            if !begun[index].isEmpty {
                try engine.checkRollback(sources, names: begun[index], discardingData: discardingData)
            }
            return statuses[index].value ?? FleetStanding(migrations: [])
        }
        try run(standings, chosen: standings.indices.filter { standings[$0].value != nil }) {
            engine, index throws(EngineError) in
            if begun[index].isEmpty { return ApplyReport() }
            return try engine.rollback(sources, names: begun[index], discardingData: discardingData)
        }
    }

    /// Without a name it is the one in flight; different ones in different databases are not meant.
    private func onlyOneInFlight(_ statuses: [FleetResult<FleetStanding>]) throws(CommandFailure) -> String {
        let flying = zip(session.names, statuses).flatMap { name, result in
            (result.value?.migrations ?? []).filter { $0.state == .inFlight || $0.state == .rollingBack }
                .map { (name: name, key: $0.name) }
        }
        let groups = FleetGroups(flying).groups
        guard let first = groups.first else {
            throw CommandFailure(
                "no migration is in flight in any of the \(Words.databases(statuses.count)): nothing to roll back",
                exitCode: 2)
        }
        guard groups.count == 1 else {
            throw CommandFailure(
                "several migrations are in flight, name one: "
                    + groups.map { "\($0.key.onOneLine) (in \(Words.some($0.names)))" }.joined(
                        separator: ", "),
                exitCode: 2)
        }
        return first.key
    }
}

// MARK: - The way of every run

extension FleetRunReport {
    private var isText: Bool { format == .text }

    /// Looks at every database, also behind one that fails: the reader wants all that is wrong at once.
    private func look(
        _ verb: @escaping @Sendable (Engine, Int) throws(EngineError) -> FleetStanding
    ) -> [FleetResult<FleetStanding>] {
        session.each(goesOn: true, progress: session.progress(isText: isText), verb)
    }

    /// Says where the databases stand, runs those that are chosen, and says what they came to.
    private func run(
        _ standings: [FleetResult<FleetStanding>], chosen: [Int],
        _ verb: @escaping @Sendable (Engine, Int) throws(EngineError) -> ApplyReport
    ) throws {
        if isText { Output.write(session.standings(standings)) }
        var results = standings.map { $0.failure.map { FleetResult<ApplyReport>.failed($0) } ?? .notBegun }
        let isBegun = goesOn || !standings.contains { $0.failure != nil }
        if isBegun {
            let style = Output.style
            let aborts = aborts
            SignalStop.watch(stop, abort: aborts.end)
            let ran = session.each(chosen, goesOn: goesOn, progress: session.progress(isText: isText)) {
                engine, index throws(EngineError) in
                aborts.begin(index, engine.abort)
                defer { aborts.done(index) }
                return try verb(engine, index)
            } line: {
                FleetRow(result: $1, style: style).text
            }
            for index in chosen { results[index] = ran[index] }
        }
        try show(results, isBegun: isBegun)
    }

    private func show(_ results: [FleetResult<ApplyReport>], isBegun: Bool) throws {
        let code = stop.exitCode ?? session.exitCode(results, \.exitCode)
        switch format {
        case .json:
            let commands = session.commands
            Output.write(
                JSONDocument.text(
                    FleetJSON(
                        session.locations, results, exitCode: code,
                        outcome: { FleetRow(result: $0).kind.rawValue }, code: \.exitCode,
                        report: { ReportJSON($0, commands) })))
        case .text:
            let report = FleetReportText(
                results: Array(zip(session.names, results)), style: Output.style, width: Output.width,
                commands: session.commands)
            Output.write(report.lines.joined(separator: "\n") + "\n")
        }
        session.complain(
            results,
            isBegun
                ? "what was done stays; the same command goes on from here"
                : "nothing was changed; mend them, or go on with the others by --continue")
        if code != 0 { throw ExitCode(code) }
    }
}

/// What ends the runs of a fleet that go on now.
private final class FleetAborts: Sendable {
    private let running = Mutex<[Int: RunAbort]>([:])

    func begin(_ index: Int, _ abort: RunAbort) { running.withLock { $0[index] = abort } }

    func done(_ index: Int) { running.withLock { $0[index] = nil } }

    @Sendable func end() {
        for abort in running.withLock({ Array($0.values) }) { abort() }
    }
}

extension MigrationStatus {
    /// Whether a command is about it that names these, or none.
    fileprivate func isChosen(_ names: [String]) -> Bool { names.isEmpty || names.contains(name) }
}
