import ArgumentParser
import MigrationCore
import MigrationEngine

/// `bellows status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where each migration stands and what it waits for.",
        discussion:
            "Changes nothing. Leaves with code 3 where a migration waits, 4 where the schema has drifted.")

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = ReportFormat.text

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var project: ProjectOptions

    func run() throws {
        let project = try Project(self.project)
        let location: Location
        switch try project.requiredTarget(database, fleet) {
        case .one(let one): location = one
        case .many(let many):
            let session = try FleetSession(project, at: many, settings: project.settings())
            return try FleetReports(session: session, format: format).status()
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let report = try session.run { engine throws(EngineError) in try engine.status(session.sources) }
        switch format {
        case .json: Output.write(JSONDocument.text(StatusJSON(report, session.commands)))
        case .text:
            Output.write(
                StatusText(
                    report: report, style: Output.style, width: Output.width, commands: session.commands
                ).text)
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}

/// `bellows verify`
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Count the rows in which old and new disagree.",
        discussion:
            "In one snapshot, for the migrations in flight. Changes nothing. Leaves with code 1 where any does."
    )

    @Argument(help: "The migrations, by name or by file (default: all in flight).")
    var migrations: [MigrationArgument] = []

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = ReportFormat.text

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var project: ProjectOptions

    func run() throws {
        let project = try Project(self.project)
        let location: Location
        switch try project.requiredTarget(database, fleet) {
        case .one(let one): location = one
        case .many(let many):
            let session = try FleetSession(project, at: many, settings: project.settings())
            return try FleetReports(session: session, format: format).verify(migrations.names)
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let reports = try session.run { engine throws(EngineError) in
            try engine.verify(session.sources, names: migrations.names)
        }
        switch format {
        case .json: Output.write(JSONDocument.text(["verifications": reports.map(VerificationJSON.init)]))
        case .text:
            let lines = reports.flatMap { VerificationText(report: $0, style: Output.style).lines }
            Output.write(
                (lines.isEmpty ? ["nothing to verify: nowhere do old and new both hold values now"] : lines)
                    .joined(
                        separator: "\n") + "\n")
        }
        if reports.contains(where: { !$0.holds }) { throw ExitCode(1) }
    }
}

/// `bellows attest`
struct AttestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Say that an application's release is out on every instance.",
        discussion: """
            'helper' (the default): every running instance writes through the helper, which follows the stages by \
            itself. 'both', 'both-read-new', 'new': every instance does by its own code what that stage says.
            """)

    @Argument(help: "The application, as bellows.yaml lists it ('app' where it lists none).")
    var application: String

    @Option(help: ArgumentHelp("The migration (default: all that are not finished).", valueName: "name"))
    var migration: MigrationArgument?

    @Option(help: ArgumentHelp("What the release is called, for the record.", valueName: "label"))
    var release: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("helper, both, both-read-new or new.", valueName: "conduct"))
    var conduct = Release.Conduct.helper

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = ReportFormat.text

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var fleetRun: FleetRunOptions
    @OptionGroup var project: ProjectOptions

    func run() throws {
        let project = try Project(self.project)
        let attestation = Attestation(
            application: application, migration: migration?.name, release: release, conduct: conduct)
        let location: Location
        switch try project.requiredTarget(database, fleet) {
        case .one(let one): location = one
        case .many(let many):
            let session = try FleetSession(project, at: many, settings: project.settings())
            return try FleetReports(session: session, format: format).attest(
                attestation, goesOn: fleetRun.goesOn)
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let migrations = try session.run { engine throws(EngineError) in
            try engine.attest(attestation, sources: session.sources)
        }
        switch format {
        case .json:
            Output.write(
                JSONDocument.text(
                    AttestationJSON(attestation, migrations: migrations)))
        case .text:
            let lines = migrations.map {
                "'\(application)' is attested as \(conduct.rawValue) for \($0.onOneLine)"
            }
            Output.write(
                (lines.isEmpty ? ["nothing to attest: every migration is finished"] : lines).joined(
                    separator: "\n") + "\n")
        }
    }
}
