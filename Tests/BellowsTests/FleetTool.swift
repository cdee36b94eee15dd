import DoubleWrite
import TestSupport
import Testing

/// The built tool with a list of databases beside it.
struct FleetTool {
    var tool: Tool
    let database: Database
    /// The databases' names and locations, in the list's order.
    private(set) var members: [(name: String, location: String)] = []

    /// - Parameter count: How many databases.
    init(_ database: Database, count: Int, files: [String: String] = Files.both) throws {
        self.database = database
        tool = try Tool(files)
        for number in 1...count {
            let name = "db" + String(number)
            let location =
                switch database {
                case .sqlite: "sqlite:" + tool.folder.file("\(name).db")
                case .postgres: try ThrowAwayPostgres.makeDatabase()
                }
            members.append((name, location))
        }
        try write(members)
    }

    /// Writes the list anew.
    func write(_ members: [(name: String, location: String)]) throws {
        let lines = members.map { "\($0.name)  \($0.location)" }
        try tool.folder.write("# the fleet\n\n" + lines.joined(separator: "\n") + "\n", to: "fleet.txt")
    }

    /// Runs `bellows` on all of them.
    func callAsFunction(_ arguments: String...) throws -> Tool.Result {
        try tool.run(arguments + ["--databases", "fleet.txt"])
    }

    func query(_ name: String, _ sql: String) throws -> [String] {
        try database.query(location(name), sql)
    }

    func columns(_ name: String) throws -> [String] {
        try database.columns(location(name), of: "animals")
    }

    func location(_ name: String) throws -> String {
        try #require(members.first { $0.name == name }?.location)
    }
}

extension Tool.Result {
    /// Whether a line begins with a database's name and goes on with that word.
    func row(_ name: String, _ word: String) -> Bool {
        output.split(separator: "\n").contains { line in
            let words = line.split(separator: " ", maxSplits: 1)
            return words.first.map(String.init) == name
                && words.last?.drop { $0 == " " }.hasPrefix(word) == true
        }
    }
}
