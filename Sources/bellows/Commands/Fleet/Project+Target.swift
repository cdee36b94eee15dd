import Foundation
import MigrationEngine
import MigrationFiles

/// What a command works on.
enum CommandTarget {
    case one(Location)
    case many(FleetLocations)
}

extension Project {
    /// The database that the options name, or the configuration, or DATABASE_URL; or the many of them. `nil` where nothing
    /// names any.
    ///
    /// What an option says goes before what the configuration says.
    func target(_ database: DatabaseOptions, _ fleet: FleetOptions) throws(CommandFailure) -> CommandTarget? {
        guard let all = try databases(database, fleet) else {
            if let option = fleet.given.first {
                throw CommandFailure(
                    "\(option) chooses among many databases, and one is named: say --databases FILE, or write "
                        + "'databases:' into bellows.yaml", exitCode: 2)
            }
            return try location(database.database).map { .one($0) }
        }
        if let name = fleet.only { return .one(try all.only(name)) }
        var chosen = all
        if let first = fleet.first {
            chosen.members = Array(all.members.prefix(first))
            // What is copied from the screen stays with these.
            chosen.commands.options += ["--first", String(first)]
        }
        return .many(chosen)
    }

    /// The same, where there must be one.
    func requiredTarget(
        _ database: DatabaseOptions, _ fleet: FleetOptions
    ) throws(CommandFailure) -> CommandTarget {
        guard let target = try target(database, fleet) else { throw Self.noDatabase() }
        return target
    }

    /// All databases of the fleet; `nil` where there is one database, or none.
    private func databases(
        _ database: DatabaseOptions, _ fleet: FleetOptions
    ) throws(CommandFailure) -> FleetLocations? {
        var commands = self.commands
        let variables = ProcessInfo.processInfo.environment
        if let path = fleet.databases {
            guard database.database == nil else {
                throw CommandFailure(
                    "--database names one database and --databases many: give one of them", exitCode: 2)
            }
            let entries: [DatabaseEntry]
            do {
                entries = try DatabasesFile.read(path: path)
            } catch {
                var failure = CommandFailure(error.description)
                failure.problems = [error]
                throw failure
            }
            commands.options += ["--databases", path]
            return try FleetLocations(
                entries, source: path, variables: variables, commands: commands,
                concurrency: fleet.concurrency)
        }
        guard database.database == nil, let entries = configuration.databases, let first = entries.first
        else {
            return nil
        }
        return try FleetLocations(
            entries, source: first.path, variables: variables, commands: commands,
            concurrency: fleet.concurrency)
    }
}
