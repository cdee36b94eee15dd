import Foundation
import MigrationCore
import MigrationEngine
import MigrationFiles

/// A project: its configuration, its migration files, its database.
struct Project {
    let configuration: Configuration
    let directory: MigrationDirectory
    /// The options that chose it, for the commands that are shown.
    private(set) var commands = CommandWords()

    private static var variables: [String: String] { ProcessInfo.processInfo.environment }

    init(_ options: ProjectOptions) throws(CommandFailure) {
        let path = options.config ?? "bellows.yaml"
        if options.config == nil, !FileManager.default.fileExists(atPath: path) {
            if let environment = options.environment {
                throw CommandFailure(
                    "there is no bellows.yaml here, so there is no environment '\(environment)'", exitCode: 2)
            }
            configuration = Configuration()
        } else {
            do {
                configuration = try Configuration(path: path, environment: options.environment)
            } catch {
                throw CommandFailure(error.description)
            }
        }
        do throws(FileProblem) {
            var path = options.migrations ?? "migrations"
            if options.migrations == nil, let configured = configuration.migrations {
                path = try configured.expanded(Self.variables)
            }
            directory = MigrationDirectory(path: path)
        } catch {
            throw CommandFailure(error.description)
        }
        let chosen = [
            ("--config", options.config), ("--environment", options.environment),
            ("--migrations", options.migrations),
        ]
        commands.options = chosen.flatMap { option, value in value.map { [option, $0] } ?? [] }
    }

    /// All migrations of the project.
    func files() throws(CommandFailure) -> [MigrationFile] {
        do {
            return try directory.read()
        } catch {
            var failure = CommandFailure(error.description)
            failure.problems = error.problems
            throw failure
        }
    }

    /// What the releases of the configuration read and write, with what their manifests say.
    func releases() throws(CommandFailure) -> [ReleaseContract] {
        var contracts: [ReleaseContract] = []
        var problems: [FileProblem] = []
        for release in configuration.releases {
            do throws(FileProblems) {
                contracts.append(try release.contract(Self.variables))
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else {
            var failure = CommandFailure(FileProblems(problems).description)
            failure.problems = problems
            throw failure
        }
        return contracts
    }

    /// Where the database is; `nil` where nothing names one.
    ///
    /// - Parameter option: `--database`.
    func location(_ option: String?) throws(CommandFailure) -> Location? {
        var text = option
        if text == nil, let configured = configuration.database {
            do {
                text = try configured.expanded(Self.variables)
            } catch {
                throw CommandFailure("\(error.description); set it, or name the database with --database")
            }
        }
        guard let text = text ?? Self.variables["DATABASE_URL"], option != nil || !text.isEmpty else {
            return nil
        }
        do {
            let location = try DatabaseLocation(text)
            // A location with a password in it is not repeated in the commands that are shown.
            var commands = self.commands
            if let option, Self.isHarmless(location, option) { commands.options += ["--database", option] }
            return Location(database: location, redaction: Redaction(location: text), commands: commands)
        } catch {
            throw CommandFailure(error.description, exitCode: 2)
        }
    }

    /// Nothing says where the database is.
    static func noDatabase(_ otherwise: String = "") -> CommandFailure {
        CommandFailure(
            "no database is named: give --database, set DATABASE_URL, or write 'database:' into bellows.yaml"
                + otherwise, exitCode: 2)
    }

    private static func isHarmless(_ location: DatabaseLocation, _ option: String) -> Bool {
        switch location {
        case .sqlite: true
        case .postgres: location.description == option
        }
    }

    /// The address of the server itself, where one is given.
    private func directDatabase(_ option: String?) throws(CommandFailure) -> String? {
        var text = option
        if text == nil, let configured = configuration.directDatabase {
            do {
                text = try configured.expanded(Self.variables)
            } catch {
                throw CommandFailure(
                    "\(error.description); set it, or name the server with --direct-database")
            }
        }
        guard let text, !text.isEmpty else { return nil }
        do {
            guard case .postgres(let address) = try DatabaseLocation(text) else {
                throw CommandFailure(
                    "--direct-database is for PostgreSQL behind a pooler; a SQLite file has none", exitCode: 2
                )
            }
            return address
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(error)", exitCode: 2)
        }
    }

    /// How a run goes: the options, then the configuration, then the defaults.
    func settings(
        _ options: RunOptions? = nil, _ direct: DirectOptions? = nil, noWriters: Bool = false,
        pacing: Pacing = Pacing()
    ) throws(CommandFailure) -> Settings {
        var settings = Settings()
        settings.directDatabase = try directDatabase(direct?.directDatabase)
        if let applications = configuration.applications { settings.applications = applications }
        if let lease = configuration.lease { settings.lease = lease }
        if let soak = options?.soak?.duration ?? configuration.soak { settings.soak = soak }
        if let timeout = options?.lockTimeout?.duration ?? configuration.lockTimeout {
            settings.lockTimeout = timeout
        }
        if let attempts = options?.lockAttempts { settings.lockAttempts = attempts }
        if let wait = options?.wait?.duration { settings.settleTimeout = wait }
        settings.noWriters = noWriters
        settings.pacing = pacing
        return settings
    }
}

/// A database's location, and what must not be said of it.
struct Location: Sendable {
    var database: DatabaseLocation
    var redaction: Redaction
    var commands: CommandWords
}
