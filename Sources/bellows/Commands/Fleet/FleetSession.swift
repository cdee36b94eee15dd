import MigrationCore
import MigrationEngine
import MigrationFiles

/// The databases of a fleet, the files that are run on them, and the errors of both in the user's words.
struct FleetSession: Sendable {
    let locations: FleetLocations
    let files: [MigrationFile]
    let sources: [MigrationSource]
    var settings: Settings

    /// Reads the files. Connects to nothing yet.
    init(_ project: Project, at locations: FleetLocations, settings: Settings) throws(CommandFailure) {
        guard settings.directDatabase == nil else {
            throw CommandFailure(
                "a direct database is that of one database; behind a pooler run them one by one, by --only NAME",
                exitCode: 2)
        }
        self.locations = locations
        self.settings = settings
        files = try project.files()
        sources = files.map(MigrationSource.init)
    }

    /// The databases' names, in their order.
    var names: [String] { locations.members.map(\.name) }

    var commands: CommandWords { locations.commands }

    /// - Throws: names that no file has.
    func checkNames(_ names: [String]) throws(CommandFailure) {
        let known = files.map(\.migration.name)
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw CommandFailure(
                unknown.map {
                    "no migration is called '\($0.onOneLine)'\(NearestName.hint($0, among: known))"
                }
                .joined(separator: "\n"), exitCode: 2)
        }
    }

    /// - Throws: an application that is not listed.
    func checkApplication(_ name: String) throws(CommandFailure) {
        let known = settings.applications
        guard !known.contains(name) else { return }
        let error = EngineError(
            .unknownApplication(name, known: known, nearest: NearestName.of(name, among: known)))
        throw CommandFailure(error.description, exitCode: error.exitCode)
    }

    /// Does something with an engine for each database, several at once.
    ///
    /// - Parameters:
    ///   - chosen: The indices of the databases; all without.
    ///   - goesOn: Whether others are begun behind one that failed.
    ///   - progress: Who is told how far it is.
    /// - Returns: what became of each database; `.notBegun` for what was not chosen.
    func each<Value: Sendable>(
        _ chosen: [Int]? = nil, goesOn: Bool, progress: FleetProgress,
        _ verb: @escaping @Sendable (Engine, Int) throws(EngineError) -> Value,
        line: @escaping @Sendable (Int, FleetResult<Value>) -> String? = { _, _ in nil }
    ) -> [FleetResult<Value>] {
        let indices = chosen ?? Array(locations.members.indices)
        let fleet = Fleet(
            indices.map {
                let member = locations.members[$0]
                return Fleet.Member(name: member.name, location: member.location.database)
            }, concurrency: locations.concurrency)
        progress.begin(indices.count)
        let outcomes = fleet.each(settings: settings, goesOn: goesOn) { place in
            progress.observer(indices[place])
        } _: { engine, place throws(EngineError) in
            try verb(engine, indices[place])
        } ended: { place, outcome in
            let index = indices[place]
            progress.ended(index, line(index, result(outcome, index)))
        }
        progress.end()
        var results = [FleetResult<Value>](repeating: .notBegun, count: locations.members.count)
        for (place, outcome) in outcomes.enumerated() {
            results[indices[place]] = result(outcome, indices[place])
        }
        return results
    }

    private func result<Value>(_ outcome: FleetOutcome<Value>, _ index: Int) -> FleetResult<Value> {
        switch outcome {
        case .done(let value): .done(value)
        case .failed(let error):
            .failed(EngineSession.failure(error, files, locations.members[index].location.redaction))
        case .notBegun: .notBegun
        }
    }
}

/// What became of one database, in the user's words.
enum FleetResult<Value: Sendable>: Sendable {
    case done(Value)
    case failed(CommandFailure)
    case notBegun

    var value: Value? { if case .done(let value) = self { value } else { nil } }

    var failure: CommandFailure? { if case .failed(let failure) = self { failure } else { nil } }
}

/// One exit code for many databases: that of the signal which stopped the run, or the worst of theirs.
enum FleetExitCode {
    /// From the worst on: 2 usage, 1 failed, 4 drift or edited files, 5 no lock or lease, 3 waiting, 0 done.
    static let order: [Int32] = [2, 1, 4, 5, 3, 0]

    static func worst(_ codes: [Int32]) -> Int32 {
        codes.filter { !order.contains($0) }.max() ?? order.first(where: codes.contains) ?? 0
    }
}
