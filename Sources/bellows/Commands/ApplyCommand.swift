import ArgumentParser
import MigrationEngine

/// `bellows apply`
struct ApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Advance migrations as far as their gates allow.",
        discussion: """
            Stops before the contract phase unless '--through contract' asks for it. Interrupted at any point, the same \
            command goes on from there. Leaves with code 3 where it waits for something, and says for what.
            """)

    @Argument(help: "The migrations, by name or by file (default: all that are not finished).")
    var migrations: [MigrationArgument] = []

    @Option(help: ArgumentHelp("The last phase to run: expand, transition or contract.", valueName: "phase"))
    var through = ThroughPhase.transition

    @Flag(
        help: """
            Nothing else writes to this database now: releases, open transactions and soaks are not waited for.
            """)
    var noWriters = false

    @OptionGroup var report: RunReport
    @OptionGroup var options: RunOptions
    @OptionGroup var pacing: PacingOptions
    @OptionGroup var reconnect: ReconnectOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var direct: DirectOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var fleetRun: FleetRunOptions
    @OptionGroup var project: ProjectOptions

    func run() throws {
        let project = try Project(self.project)
        let settings = try reconnect.applied(
            to: project.settings(options, direct, noWriters: noWriters, pacing: pacing.pacing))
        let target = try project.requiredTarget(database, fleet)
        try report.show(project, on: target, settings: settings, goesOn: fleetRun.goesOn) {
            engine, sources throws(EngineError) in
            try engine.apply(sources, names: migrations.names, through: through.phase)
        } many: {
            try $0.apply(migrations.names, through: through.phase)
        }
    }
}

/// `bellows rollback`
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Take a migration back, from any point before its values are dropped.",
        discussion:
            "With the same gates and counts as on the way there: run it again when what it waits for is met.")

    @Argument(help: "The migrations, by name or by file (default: the one in flight).")
    var migrations: [MigrationArgument] = []

    @Flag(
        help: "Nothing else writes to this database now: releases and open transactions are not waited for.")
    var noWriters = false

    @Flag(help: "Drop tables that have rows, and columns that have values, where the migration made them.")
    var discardData = false

    @OptionGroup var report: RunReport
    @OptionGroup var options: RunOptions
    @OptionGroup var pacing: PacingOptions
    @OptionGroup var reconnect: ReconnectOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var direct: DirectOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var fleetRun: FleetRunOptions
    @OptionGroup var project: ProjectOptions

    func run() throws {
        let project = try Project(self.project)
        let settings = try reconnect.applied(
            to: project.settings(options, direct, noWriters: noWriters, pacing: pacing.pacing))
        let target = try project.requiredTarget(database, fleet)
        try report.show(project, on: target, settings: settings, goesOn: fleetRun.goesOn) {
            engine, sources throws(EngineError) in
            try engine.rollback(sources, names: migrations.names, discardingData: discardData)
        } many: {
            try $0.rollback(migrations.names, discardingData: discardData)
        }
    }
}

/// A run of the engine, and how it is told.
struct RunReport: ParsableArguments {
    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = ReportFormat.text

    /// Runs on one database, or on many of them.
    func show(
        _ project: Project, on target: CommandTarget, settings: Settings, goesOn: Bool,
        _ one: (Engine, [MigrationSource]) throws(EngineError) -> ApplyReport,
        many: (FleetRunReport) throws -> Void
    ) throws {
        switch target {
        case .one(let location): try show(project, at: location, settings: settings, one)
        case .many(let locations):
            let session = try FleetSession(project, at: locations, settings: settings)
            try many(FleetRunReport(session: session, format: format, goesOn: goesOn))
        }
    }

    /// Runs, and shows each step as it is done and what it came to.
    ///
    /// - Throws: `ExitCode(3)` where a gate does not hold.
    private func show(
        _ project: Project, at location: Location, settings: Settings,
        _ verb: (Engine, [MigrationSource]) throws(EngineError) -> ApplyReport
    ) throws {
        let style = Output.style
        let observer = RunObserver(style: style, width: Output.width, isTerminal: Output.isTerminal)
        let isText = format == .text
        var settings = settings
        let stop = StopSwitch()
        settings.stop = stop
        let session = try EngineSession(
            project, at: location, settings: settings, observer: isText ? observer : SilentObserver())
        defer { session.close() }
        SignalStop.watch(stop, abort: session.abort)
        let report: ApplyReport
        do {
            report = try session.run { engine throws(EngineError) in try verb(engine, session.sources) }
        } catch {
            observer.end()
            throw error
        }
        switch format {
        case .json: Output.write(JSONDocument.text(ReportJSON(report, session.commands)))
        case .text:
            observer.end()
            Output.write(
                ReportText(report: report, style: style, width: Output.width, commands: session.commands).text
            )
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}
