import DoubleWrite
import Foundation
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

/// The built tool in a folder of its own, as a user runs it.
struct Tool {
    let folder: TemporaryFolder
    /// What is set beside the test's own environment.
    var variables: [String: String?] = [:]

    init(_ files: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(text, to: name) }
    }

    /// What one run came to.
    struct Result {
        var code: Int32?
        var output: String
        var complaint: String

        /// The JSON document on standard output.
        var json: [String: Any] {
            get throws {
                try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            }
        }
    }

    /// Runs `bellows` with these arguments.
    func callAsFunction(_ arguments: String...) throws -> Result {
        try run(arguments)
    }

    /// Runs `bellows` with these arguments.
    func run(_ arguments: [String]) throws -> Result {
        var environment: [String: String?] = [
            "DATABASE_URL": nil, "PGPASSWORD": nil, "PGHOST": nil, "NO_COLOR": nil,
        ]
        environment.merge(variables) { $1 }
        let outcome = try ChildProcess.run(
            try builtProduct(named: "bellows"), arguments, environment: environment,
            currentFolder: folder.path)
        #expect(outcome.signal == nil, "bellows \(arguments) was ended by a signal")
        return Result(code: outcome.status, output: outcome.standardOutput, complaint: outcome.standardError)
    }
}

/// The two databases, for tests that hold on both.
enum Database: CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    var testDescription: String { self == .sqlite ? "SQLite" : "PostgreSQL" }

    /// A fresh database for a tool.
    func location(_ tool: Tool) throws -> String {
        switch self {
        case .sqlite: "sqlite:" + tool.folder.file("shelter.db")
        case .postgres: try ThrowAwayPostgres.makeDatabase()
        }
    }

    /// Runs SQL, and gives the texts of the first column.
    @discardableResult
    func query(_ location: String, _ sql: String) throws -> [String] {
        let result =
            switch self {
            case .sqlite:
                try SQLiteConnection(path: String(location.dropFirst("sqlite:".count)), mode: .create).query(
                    sql)
            case .postgres: try PostgresConnection(location).query(sql)
            }
        return result.rows.compactMap { $0.first.flatMap { $0.text ?? $0.integer.map(String.init) } }
    }

    /// The names of a table's columns.
    func columns(_ location: String, of table: String) throws -> [String] {
        switch self {
        case .sqlite: try query(location, "SELECT name FROM pragma_table_info('\(table)') ORDER BY cid")
        case .postgres:
            try query(
                location,
                "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass('\(table)') AND attnum > 0 "
                    + "AND NOT attisdropped ORDER BY attnum")
        }
    }
}

/// The migrations that most tests use.
enum Files {
    static let animals = """
        description: The animals of the shelter.
        operations:
          - create_table:
              table: animals
              columns:
                id: { type: { postgres: bigint, sqlite: integer }, primary_key: true }
                name: { type: text, nullable: false }
                kind: { type: text, nullable: false, default: "'cat'" }
        """

    static let rename = """
        description: Animals have a species, not a kind.
        operations:
          - rename_column: { table: animals, from: kind, to: species }
        """

    static let both = [
        "migrations/0001_animals.yaml": animals, "migrations/0002_animals_kind_to_species.yaml": rename,
    ]

    static let name = "0002_animals_kind_to_species"
}
