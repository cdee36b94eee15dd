public import ArgumentParser
public import DoubleWrite
public import MigrationCore
import MigrationFiles

/// What every command takes.
struct ProjectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration file (default: bellows.yaml, where there is one).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The environment of the configuration file.", valueName: "name"))
    var environment: String?

    @Option(help: ArgumentHelp("The directory of migration files (default: migrations).", valueName: "dir"))
    var migrations: String?
}

/// What every command takes that needs a database.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "postgres://user@host/database or sqlite:path (default: of the configuration file, then DATABASE_URL).",
            valueName: "url"))
    var database: String?
}

/// What the commands take that can do without a database.
struct OfflineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Plan from the files alone, for postgres or sqlite.", valueName: "dialect"))
    var dialect: Dialect?

    @Option(
        help: ArgumentHelp(
            "Plan against the schema in a file: what 'bellows schema' writes, or SQL.", valueName: "file"))
    var schema: String?

    /// What is planned against; `nil` where a database is.
    func base() throws(CommandFailure) -> OfflineBase? {
        if let schema { return try OfflineBase(path: schema, dialect) }
        return dialect.map(OfflineBase.init)
    }

    /// - Parameter database: The option that names a database, where one does.
    func check(against database: String?) throws {
        guard let database else { return }
        if schema != nil {
            throw ValidationError(
                "--schema plans against a file and \(database) against a database: give one of them")
        }
        if dialect != nil {
            throw ValidationError(
                "--dialect plans from the files alone and \(database) against a database: give one of them")
        }
    }
}

/// How a run goes.
struct RunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long a statement waits for a lock before it makes way (default: 500ms).",
            valueName: "duration"))
    var lockTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "How often a lock is tried for, with growing pauses, before leaving with code 5 (default: 30).",
            valueName: "number"))
    var lockAttempts: Int?

    @Option(
        help: ArgumentHelp("The time between retiring and dropping (default: 24h).", valueName: "duration"))
    var soak: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "How long to wait for open transactions before leaving with code 3 (default: 5s).",
            valueName: "duration"))
    var wait: DurationArgument?

    func validate() throws {
        if let lockAttempts, !(1...10_000).contains(lockAttempts) {
            throw ValidationError("--lock-attempts must be from 1 to 10000, not \(lockAttempts)")
        }
    }
}

/// The form of what a command reports.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// The form of a plan.
enum PlanFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, sql
}

/// `500ms`, `30s`, `24h`.
struct DurationArgument: ExpressibleByArgument {
    var duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.duration(argument) else { return nil }
        self.duration = duration
    }
}

extension Dialect: ExpressibleByArgument {}

/// The phases that `--through` may name: nothing ends before the expand.
enum ThroughPhase: String, ExpressibleByArgument, CaseIterable {
    case expand, transition, contract

    var phase: Phase {
        switch self {
        case .expand: .expand
        case .transition: .transition
        case .contract: .contract
        }
    }
}

extension Release.Conduct: ExpressibleByArgument {}
