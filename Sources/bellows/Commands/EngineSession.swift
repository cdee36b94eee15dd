import MigrationCore
import MigrationEngine
import MigrationFiles

/// An engine, the files it runs, and the errors of both in the user's words.
struct EngineSession {
    let files: [MigrationFile]
    let sources: [MigrationSource]
    let commands: CommandWords
    let database: DatabaseLocation
    private let engine: Engine
    private let redaction: Redaction

    /// Reads the files and connects.
    init(
        _ project: Project, at location: Location, settings: Settings,
        observer: any EngineObserver = SilentObserver()
    ) throws(CommandFailure) {
        files = try project.files()
        sources = files.map(MigrationSource.init)
        commands = location.commands
        redaction = location.redaction
        database = location.database
        do {
            engine = try Engine(location.database, settings: settings, observer: observer)
        } catch {
            throw Self.failure(error, files, location.redaction)
        }
    }

    /// Does something with the engine.
    func run<Result>(_ verb: (Engine) throws(EngineError) -> Result) throws(CommandFailure) -> Result {
        do {
            return try verb(engine)
        } catch {
            throw Self.failure(error, files, redaction)
        }
    }

    func close() { engine.close() }

    /// What ends the engine's connections from another thread.
    var abort: @Sendable () -> Void {
        let abort = engine.abort
        return { abort() }
    }

    /// A planner's problem is told with its place in the file.
    static func failure(
        _ error: EngineError, _ files: [MigrationFile], _ redaction: Redaction
    ) -> CommandFailure {
        var failure = CommandFailure(redaction(error.description), exitCode: error.exitCode)
        switch error.reason {
        case .planning(let problems):
            failure.message = redaction(problems.told(in: files))
            failure.problems = problems.inFiles(files)
        case .drift(let drift), .newUses(_, let drift): failure.drift = drift
        default: break
        }
        return failure
    }
}

extension MigrationSource {
    init(_ file: MigrationFile) {
        self.init(
            migration: file.migration, checksum: MigrationSource.checksum(of: file.bytes), path: file.path)
    }
}

extension [PlanningProblem] {
    /// Their places in the files, as far as these have them.
    func inFiles(_ files: [MigrationFile]) -> [FileProblem] {
        map { problem in
            files.first { $0.migration.name == problem.migration }?.problem(problem)
                ?? FileProblem(path: problem.path ?? problem.migration, message: problem.message)
        }
    }

    /// One line each, with file, line and column.
    func told(in files: [MigrationFile]) -> String {
        map { problem in
            files.first { $0.migration.name == problem.migration }?.problem(problem).description
                ?? problem.description
        }.joined(separator: "\n")
    }
}
