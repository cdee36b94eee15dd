import DoubleWrite
import MigrationCore
import MigrationEngine
import MigrationFiles

/// The databases of a fleet, in the order of the file that names them.
struct FleetLocations: Sendable {
    struct Member: Sendable {
        var name: String
        var location: Location
    }

    /// The file that names them.
    var source: String
    /// At least one.
    var members: [Member]
    /// The commands that concern all of them.
    var commands: CommandWords
    /// How many are worked on at once.
    var concurrency: Int

    /// How many databases are worked on at once unless the user says otherwise.
    static let usualConcurrency = 4

    /// - Parameters:
    ///   - entries: What the file says.
    ///   - variables: The environment.
    ///   - commands: The commands that concern all of them.
    /// - Throws: every mistake in the list: what is no location, a name or a database that stands there twice,
    ///   databases of two kinds.
    init(
        _ entries: [DatabaseEntry], source: String, variables: [String: String], commands: CommandWords,
        concurrency: Int?
    ) throws(CommandFailure) {
        var problems: [FileProblem] = []
        var read: [(entry: DatabaseEntry, member: Member)] = []
        for entry in entries {
            do throws(FileProblem) {
                read.append((entry, try Self.member(entry, variables, commands)))
            } catch {
                problems.append(error)
            }
        }
        problems += Self.doubts(read)
        guard problems.isEmpty else {
            let sorted = FileProblems(problems)
            var failure = CommandFailure(sorted.description)
            failure.problems = sorted.problems
            throw failure
        }
        self.source = source
        members = read.map(\.member)
        self.commands = commands
        self.concurrency = concurrency ?? Self.usualConcurrency
    }

    /// What all of them are.
    var dialect: Dialect { members.first?.location.database.dialect ?? .postgres }

    /// One of them, as if it were alone.
    func only(_ name: String) throws(CommandFailure) -> Location {
        guard let member = members.first(where: { $0.name == name }) else {
            throw CommandFailure(
                "\(source) names no database '\(name.onOneLine)'"
                    + NearestName.hint(name, among: members.map(\.name)), exitCode: 2)
        }
        return member.location
    }

    private static func member(
        _ entry: DatabaseEntry, _ variables: [String: String], _ commands: CommandWords
    ) throws(FileProblem) -> Member {
        let text = try entry.location.expanded(variables)
        let database: DatabaseLocation
        do {
            database = try DatabaseLocation(text)
        } catch {
            throw entry.problem(error.description)
        }
        let name = entry.name ?? database.description
        guard entry.name.map({ !$0.contains("://") && !$0.contains("=") }) ?? true else {
            throw entry.problem("the name of a database has no '://' and no '=' in it, which locations have")
        }
        var own = commands
        own.options += ["--only", name]
        return Member(
            name: name,
            location: Location(database: database, redaction: Redaction(location: text), commands: own))
    }

    /// What is wrong with them beside each other.
    private static func doubts(_ read: [(entry: DatabaseEntry, member: Member)]) -> [FileProblem] {
        var problems: [FileProblem] = []
        var names: [String: DatabaseEntry] = [:]
        var identities: [String: (entry: DatabaseEntry, member: Member)] = [:]
        for (entry, member) in read {
            let name = "'\(member.name.onOneLine)'"
            let database = member.location.database
            if let other = identities[database.identity] {
                problems.append(
                    entry.problem(
                        "\(name) is the database of line \(other.entry.position.line) again; name each once"))
            } else if let other = names[member.name] {
                problems.append(
                    entry.problem(
                        "\(name) is the name of the database of line \(other.position.line) already; give each "
                            + "a name of its own"))
            } else if let first = read.first, first.member.location.database.dialect != database.dialect {
                problems.append(
                    entry.problem(
                        "\(name) is \(Words.database(database.dialect)), but the database of line "
                            + "\(first.entry.position.line) is \(Words.database(first.member.location.database.dialect))"
                            + "; a fleet is of one kind: give each kind a file of its own"))
            }
            identities[database.identity] = identities[database.identity] ?? (entry, member)
            names[member.name] = names[member.name] ?? entry
        }
        return problems
    }
}

extension DatabaseLocation {
    /// The kind of database that is there.
    var dialect: Dialect {
        switch self {
        case .postgres: .postgres
        case .sqlite: .sqlite
        }
    }
}
