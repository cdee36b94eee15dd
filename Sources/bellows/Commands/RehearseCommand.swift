import ArgumentParser
import DoubleWrite
import MigrationCore
import MigrationEngine
import MigrationFiles
import Rehearsal
import Synchronization

/// `bellows rehearse`
struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract:
            "Run migrations on a scratch database, under applications that write, die and are rolled back.",
        discussion: """
            The real engine and the real double-write helper, in random schedules that follow from a seed: instances of \
            mixed releases write and read, crash, are deployed one at a time and back; the run itself crashes, is \
            resumed, is rolled back. Every acknowledged write and every read is judged, and every lock held against the \
            plan. Needs nothing but a server's programs for PostgreSQL, and touches no database of yours.
            """)

    @Argument(help: "The migrations, by name or by file (default: all).")
    var migrations: [MigrationArgument] = []

    @Option(
        help: ArgumentHelp(
            "postgres or sqlite (default: that of the configured database).", valueName: "dialect"))
    var dialect: Dialect?

    @Option(
        help: ArgumentHelp(
            "What the schedules follow from (default: another one each time).", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "How many schedules (default: 100 on SQLite, 20 on PostgreSQL).", valueName: "number"))
    var schedules: Int?

    @Option(
        help: ArgumentHelp("Only the schedule of that number, as a failure names it.", valueName: "number"))
    var schedule: Int?

    @Option(help: ArgumentHelp("How many rows each table has at the beginning.", valueName: "number"))
    var rows = 6

    @Option(
        help: ArgumentHelp(
            "SQL of the schema before the migration, where the files before it do not make it.",
            valueName: "file"))
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "A PostgreSQL server on which scratch databases are made and dropped.", valueName: "url"))
    var scratch: String?

    @Option(
        help: ArgumentHelp(
            "A database to copy a sample of rows from, instead of making rows up; it is only read.",
            valueName: "url"))
    var copyFrom: String?

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = ReportFormat.text

    @OptionGroup var project: ProjectOptions

    func validate() throws {
        let limits = [("--schedules", schedules ?? 1), ("--schedule", schedule ?? 1), ("--rows", rows)]
        for (name, value) in limits where !(1...1_000_000).contains(value) {
            throw ValidationError("\(name) must be from 1 to 1000000, not \(value)")
        }
        if rows > 100 {
            throw ValidationError(
                "--rows must be at most 100, not \(rows): a rehearsal is about orders, not size")
        }
        if scratch != nil, dialect == .sqlite {
            throw ValidationError(
                "--scratch names a PostgreSQL server, and --dialect says sqlite: give one of them")
        }
        if let scratch, (try? DatabaseLocation(scratch))?.dialect != .postgres {
            throw ValidationError(
                "--scratch must be the address of a PostgreSQL server, postgres://user@host/database")
        }
    }

    func run() throws {
        let project = try Project(self.project)
        let files = try project.files()
        let names = try chosen(files.map(\.migration.name))
        var options = RehearsalOptions(
            dialect: try dialect(project), seed: seed ?? UInt64.random(in: 1...999_999))
        options.schedules = schedules ?? (options.dialect == .sqlite ? 100 : 20)
        options.only = schedule
        options.rows = rows
        options.applications = try project.settings().applications
        options.server = scratch
        options.copyFrom = try source(options.dialect)
        options.schema = try schema.map(OfflineBase.text)
        let reports = try Self.rehearse(names, files.map(MigrationSource.init), options, show: show)
        if format == .json { Output.write(JSONDocument.text(["rehearsals": reports])) }
        if reports.contains(where: { $0.failure != nil }) { throw ExitCode(1) }
    }

    private static func rehearse(
        _ names: [String], _ sources: [MigrationSource], _ options: RehearsalOptions,
        show: (RehearsalReport) -> Void
    ) throws -> [RehearsalReport] {
        let stop = StopSwitch()
        do {
            var options = options
            options.stop = stop
            let rehearsal = try Rehearsal(sources, options: options)
            let cleanUp = rehearsal.cleanUp
            let isCutShort = Mutex(false)
            SignalStop.watch(stop, Self.sentences) {
                isCutShort.withLock { $0 = true }
                cleanUp()
            }
            return try names.map { name in
                let report = try rehearsal.rehearse(name)
                // What fails for want of its database was not found by the rehearsal.
                if isCutShort.withLock({ $0 }) { throw ExitCode(1) }
                show(report)
                return report
            }
        } catch {
            // Once the databases are gone, anything may fail for want of them.
            guard let code = stop.exitCode else { throw CommandFailure("\(error)", exitCode: 1) }
            throw CommandFailure(
                "stopped, as asked; what was shown until then holds, and nothing is left of the scratch databases",
                exitCode: code)
        }
    }

    private static let sentences = SignalStop.Sentences(
        first: "stops behind the schedule that is played; once more to stop at once",
        second: "stopped at once; the scratch databases are dropped")

    private func show(_ report: RehearsalReport) {
        guard format == .text else { return }
        Output.write(
            RehearsalText(report: report, again: again(report), style: Output.style, width: Output.width).text
        )
    }

    /// The command that plays the failed schedule again.
    private func again(_ report: RehearsalReport) -> String? {
        guard let failure = report.failure, failure.schedule > 0 else { return nil }
        var words = [
            "rehearse", report.migration, "--dialect", report.dialect.rawValue, "--seed", "\(report.seed)",
            "--schedule",
            "\(failure.schedule)", "--rows", "\(rows)",
        ]
        if copyFrom != nil { words += ["--copy-from", "URL"] }
        if let schema { words += ["--schema", schema] }
        if let migrations = project.migrations { words += ["--migrations", migrations] }
        return (["bellows"] + words.map(Words.shellQuoted)).joined(separator: " ")
    }

    private func chosen(_ known: [String]) throws -> [String] {
        let unknown = migrations.names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw CommandFailure(
                unknown.map { "no migration is called '\($0)'\(NearestName.hint($0, among: known))" }
                    .joined(separator: "\n"), exitCode: 2)
        }
        return migrations.isEmpty ? known : known.filter(migrations.names.contains)
    }

    private func dialect(_ project: Project) throws -> Dialect {
        if let dialect { return dialect }
        if scratch != nil { return .postgres }
        if let location = try location(copyFrom) { return location.dialect }
        guard let location = try project.location(nil)?.database else {
            throw CommandFailure(
                "no database is configured, so it must be said what to rehearse on: --dialect postgres or --dialect sqlite",
                exitCode: 2)
        }
        return location.dialect
    }

    /// The database whose rows are copied.
    private func source(_ dialect: Dialect) throws -> DatabaseLocation? {
        guard let location = try location(copyFrom) else { return nil }
        guard location.dialect == dialect else {
            throw CommandFailure(
                "--copy-from names another kind of database than the rehearsal is on (\(dialect.rawValue)); say --dialect \(location.dialect.rawValue)",
                exitCode: 2)
        }
        return location
    }

    private func location(_ text: String?) throws -> DatabaseLocation? {
        guard let text else { return nil }
        do {
            return try DatabaseLocation(text)
        } catch {
            throw CommandFailure("\(error)", exitCode: 2)
        }
    }
}
