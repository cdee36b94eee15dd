import ArgumentParser
import DoubleWrite
import MigrationCore
import MigrationEngine
import MigrationFiles

/// `bellows plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show the steps of migrations: SQL, locks, releases, undo.",
        discussion:
            "Against a database where one is named, else, with --dialect, from the files alone, or against the schema in a file with --schema. Changes nothing."
    )

    @Argument(help: "The migrations, by name or by file (default: all that are not finished).")
    var migrations: [MigrationArgument] = []

    @Option(help: ArgumentHelp("text, json or sql.", valueName: "format"))
    var format = PlanFormat.text

    @OptionGroup var offline: OfflineOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var project: ProjectOptions

    func validate() throws {
        try offline.check(
            against: database.database != nil ? "--database" : fleet.databases != nil ? "--databases" : nil)
    }

    func run() throws {
        let project = try Project(self.project)
        if let base = try offline.base() {
            let plans = try Self.offline(project, base, names: migrations.names)
            return show(plans, commands: project.commands, source: base.source)
        }
        let location: Location
        switch try project.target(database, fleet) {
        case .one(let one): location = one
        case .many(let many):
            let session = try FleetSession(project, at: many, settings: project.settings())
            return try FleetPlanReport(session: session, format: format).show(migrations.names)
        case nil:
            throw Project.noDatabase(
                ", or plan from the files alone with --dialect postgres or --dialect sqlite")
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        let plans = try session.run { engine throws(EngineError) in
            try engine.plans(session.sources, names: migrations.names)
        }
        let status = try session.run { engine throws(EngineError) in try engine.status(session.sources) }
        show(
            plans, commands: session.commands, source: session.database.description,
            places: Dictionary(
                status.migrations.filter { $0.state == .inFlight }.map { ($0.name, $0.step?.number) },
                uniquingKeysWith: { first, _ in first }))
    }

    private func show(
        _ plans: [Plan], commands: CommandWords, source: String, places: [String: Int?] = [:]
    ) {
        switch format {
        case .json: Output.write(JSONDocument.text(PlansJSON(plans)))
        case .sql: Output.write(plans.map { PlanSQL(plan: $0).text }.joined(separator: "\n"))
        case .text:
            if plans.isEmpty { return Output.write("nothing to plan: every migration is finished\n") }
            let style = Output.style
            let width = Output.width
            let texts = plans.map {
                PlanText(
                    plan: $0, style: style, width: width, commands: commands,
                    standsAt: places[$0.migration] ?? nil, source: source
                ).text
            }
            let rule = "\n" + style(String(repeating: "─", count: width), .dim) + "\n\n"
            Output.write(texts.joined(separator: rule))
        }
    }

    /// The plans of the named migrations, each against what the files before it leave behind.
    static func offline(
        _ project: Project, _ base: OfflineBase, names: [String]
    ) throws(CommandFailure) -> [Plan] {
        let files = try project.files()
        let known = files.map(\.migration.name)
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw CommandFailure(
                unknown.map { "no migration is called '\($0)'\(NearestName.hint($0, among: known))" }
                    .joined(separator: "\n"), exitCode: 2)
        }
        do {
            let plans = try Planner(dialect: base.dialect).planHistory(
                base.pending(files, names: names), from: base.schema, generations: base.generations,
                finishedChanges: base.finishedChanges, proves: true)
            return plans.filter { names.isEmpty || names.contains($0.migration) }
        } catch {
            let told = error.problems.told(in: files)
            let hint =
                base.schema.tables.isEmpty
                ? "\nplanned from the files alone, so there is nothing but what they create; plan against a "
                    + "database with --database, or against the schema in a file with --schema"
                : "\nplanned \(base.source), which may be older than the database"
            var failure = CommandFailure(told + (told.contains("does not exist") ? hint : ""))
            failure.problems = error.problems.inFiles(files)
            throw failure
        }
    }
}
