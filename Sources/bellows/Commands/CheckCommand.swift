import ArgumentParser
import DoubleWrite
import MigrationCore
import MigrationEngine
import MigrationFiles

/// `bellows check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look at every order in which migrations and releases can go on, and say what goes wrong.",
        discussion: """
            The files are read, the plans are made and proven, and the releases of 'releases:' in bellows.yaml are walked \
            through them. A file with 'rollout:', an order of your own, is looked at by itself. Changes nothing; leaves \
            with code 1 where anything is wrong.
            """)

    @Argument(
        help:
            "Migrations, by name or by file, and files with a rollout (default: all migrations that are not finished)."
    )
    var items: [String] = []

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = ReportFormat.text

    @OptionGroup var offline: OfflineOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var project: ProjectOptions

    func validate() throws {
        try offline.check(
            against: database.database != nil ? "--database" : fleet.databases != nil ? "--databases" : nil)
    }

    func run() throws {
        let (rollouts, names) = try sorted()
        var report = CheckReport(rollouts: rollouts.map { ($0, $0.rollout.check()) })
        if !names.isEmpty || rollouts.isEmpty { try look(at: names, into: &report) }
        switch format {
        case .json: Output.write(JSONDocument.text(CheckJSON(report)))
        case .text: Output.write(CheckText(report: report, style: Output.style, width: Output.width).text)
        }
        if !report.holds { throw ExitCode(1) }
    }

    /// The files with an order of one's own, and the names of migrations.
    private func sorted() throws(CommandFailure) -> (rollouts: [RolloutFile], names: [String]) {
        var rollouts: [RolloutFile] = []
        var names: [String] = []
        var problems: [FileProblem] = []
        for item in items {
            do throws(FileProblems) {
                if MigrationDirectory.isMigrationFile(item), let file = try RolloutFile(path: item) {
                    rollouts.append(file)
                } else {
                    names.append(MigrationArgument(argument: item).name)
                }
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else {
            var failure = CommandFailure(problems.map(\.description).joined(separator: "\n"))
            failure.problems = problems
            throw failure
        }
        return (rollouts, names)
    }

    /// The plans, each with its proof, and the releases on their way through them.
    private func look(at names: [String], into report: inout CheckReport) throws {
        let project = try Project(self.project)
        let releases = try project.releases()
        report.releases = releases.map(\.name)
        if let base = try offline.base() {
            report.plans = try PlanCommand.offline(project, base, names: names)
            report.breach = try Self.breach(of: releases, project, base, names: names)
            report.hazards = try Self.hazards(of: report.plans, project.files())
            return
        }
        let location: Location
        switch try project.target(database, fleet) {
        case .one(let one): location = one
        case .many:
            throw CommandFailure("a check looks at one database: choose it with --only NAME", exitCode: 2)
        case nil:
            throw Project.noDatabase(", or check the files alone with --dialect postgres or --dialect sqlite")
        }
        let session = try EngineSession(project, at: location, settings: project.settings())
        defer { session.close() }
        report.plans = try session.run { engine throws(EngineError) in
            try engine.plans(session.sources, names: names)
        }
        report.hazards = Self.hazards(of: report.plans, session.files)
        guard !releases.isEmpty else { return }
        report.breach = try session.run { engine throws(EngineError) in
            try engine.breach(of: releases, session.sources, names: names)
        }
    }

    /// What is dangerous in the statements of one's own, with its place in the file.
    private static func hazards(of plans: [Plan], _ files: [MigrationFile]) -> [FileProblem] {
        plans.flatMap { plan in
            files.filter { $0.migration.name == plan.migration }.flatMap { file in
                file.migration.hazards(plan.dialect).map { hazard in
                    FileProblem(
                        path: file.path, position: file.position(of: hazard.path),
                        message: "\(hazard.code.rawValue): this statement \(hazard.message)")
                }
            }
        }
    }

    private static func breach(
        of releases: [ReleaseContract], _ project: Project, _ base: OfflineBase, names: [String]
    ) throws(CommandFailure) -> ContractBreach? {
        guard !releases.isEmpty else { return nil }
        let pending = try base.pending(project.files(), names: names)
        do {
            return try Planner(dialect: base.dialect).breach(
                of: releases, in: pending, from: base.schema, generations: base.generations,
                finishedChanges: base.finishedChanges)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}

/// What a check came to.
struct CheckReport {
    var rollouts: [(file: RolloutFile, verdict: Rollout.Verdict)] = []
    var plans: [Plan] = []
    var releases: [String] = []
    var breach: ContractBreach?
    /// What is dangerous in statements of one's own.
    var hazards: [FileProblem] = []

    /// Whether nothing is wrong.
    var holds: Bool { rollouts.allSatisfy(\.verdict.isSafe) && breach == nil && hazards.isEmpty }
}
