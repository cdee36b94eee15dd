import ArgumentParser
import MigrationEngine

/// `bellows pause`
struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause the backfills of a database.",
        discussion: """
            One that runs waits behind its batch, for at most as long as its --max-hold says, and goes on when 'bellows \
            resume' is said; one that comes to a backfill leaves with code 3. Applications, and steps of other kinds, are \
            not held up.
            """)

    @Option(help: ArgumentHelp("Why, for whoever looks at the status.", valueName: "words"))
    var reason: String?

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
            return try FleetReports(session: session, format: format).pause(reason: reason)
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let note = try session.run { engine throws(EngineError) in try engine.pause(reason: reason) }
        switch format {
        case .json: Output.write(JSONDocument.text(["pause": PauseJSON(note)]))
        case .text: Output.write(PauseText.paused(note) + "\n")
        }
    }
}

/// `bellows resume`
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let the backfills of a database go on.",
        discussion: "A run that waits goes on by itself.")

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
            return try FleetReports(session: session, format: format).resume()
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let note = try session.run { engine throws(EngineError) in try engine.resume() }
        switch format {
        case .json: Output.write(JSONDocument.text(["ended": Nullable(note.map(PauseJSON.init))]))
        case .text: Output.write(PauseText.resumed(note) + "\n")
        }
    }
}

/// What is said of a pause.
enum PauseText {
    static func paused(_ note: PauseNote) -> String { "backfills are \(note.description.onOneLine)" }

    /// - Parameter note: The pause that was ended, where there was one.
    static func resumed(_ note: PauseNote?) -> String {
        note.map { "backfills go on; they were \($0.description.onOneLine)" } ?? "nothing is paused"
    }
}

/// A pause, in reports.
struct PauseJSON: Encodable {
    var by: String
    var since: String
    var reason: Nullable<String>

    init(_ note: PauseNote) {
        by = note.by
        since = note.since.description
        reason = Nullable(note.reason)
    }
}
