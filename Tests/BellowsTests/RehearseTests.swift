import Foundation
import TestSupport
import Testing

/// `bellows rehearse`, as a user runs it.
@Suite("bellows rehearse") struct RehearseTests {
    @Test("a rename is rehearsed, and told in plain words")
    func tells() throws {
        let tool = try Tool(Files.both)
        let result = try tool(
            "rehearse", Files.name, "--dialect", "sqlite", "--seed", "11", "--schedules", "5")
        #expect(result.code == 0, "\(result.complaint)\(result.output)")
        #expect(result.output.contains("\(Files.name)  SQLite, seed 11"))
        #expect(
            result.output.contains("5 schedules: no write lost, no read stale, no lock stronger than planned")
        )
        #expect(result.output.contains("'animals'"))
        #expect(result.output.contains("writes beside a run took"))
    }

    @Test("a script gets the same as a document")
    func answersScripts() throws {
        let tool = try Tool(Files.both)
        let result = try tool(
            "rehearse", "--dialect", "sqlite", "--seed", "1", "--schedules", "2", "--format", "json")
        #expect(result.code == 0)
        let rehearsals = try #require(result.json["rehearsals"] as? [[String: Any]])
        #expect(rehearsals.map { $0["migration"] as? String } == ["0001_animals", Files.name])
        #expect(rehearsals.allSatisfy { $0["failure"] == nil })
    }

    @Test("rows are copied from a database, which stays as it is", arguments: Database.allCases)
    func copies(database: Database) throws {
        let tool = try Tool(Files.both)
        let location = try database.location(tool)
        try database.query(
            location, "CREATE TABLE animals (id bigint PRIMARY KEY, name text NOT NULL, kind text NOT NULL)")
        for number in 1...40 {
            try database.query(location, "INSERT INTO animals VALUES (\(number), 'n\(number)', 'k\(number)')")
        }
        let before = try database.query(location, "SELECT name || kind FROM animals ORDER BY id")
        let result = try tool(
            "rehearse", Files.name, "--copy-from", location, "--seed", "1", "--schedules", "2")
        #expect(result.code == 0, "\(result.complaint)\(result.output)")
        #expect(try database.query(location, "SELECT name || kind FROM animals ORDER BY id") == before)
    }

    @Test(
        "what cannot be rehearsed is said, with what to do",
        arguments: [
            (["rehearse"], 2, "--dialect postgres or --dialect sqlite"),
            (["rehearse", "0002_animal", "--dialect", "sqlite"], 2, "no migration is called '0002_animal'"),
            (["rehearse", "--dialect", "sqlite", "--scratch", "postgres://x"], 2, "give one of them"),
            (["rehearse", "--dialect", "sqlite", "--rows", "0"], 2, "--rows must be from 1"),
            (["rehearse", "--dialect", "sqlite", "--rows", "101"], 2, "--rows must be at most 100"),
            (
                ["rehearse", "--dialect", "sqlite", "--schema", "no.sql"], 2,
                "cannot read the schema 'no.sql'"
            ),
            (["rehearse", "--dialect", "postgres", "--copy-from", "sqlite:x.db"], 2, "--dialect sqlite"),
            (
                ["rehearse", "--scratch", "sqlite:x.db"], 2,
                "--scratch must be the address of a PostgreSQL server"
            ),
            (
                ["rehearse", "--scratch", "postgres:///x?host=/nowhere", Files.name], 1,
                "cannot connect to PostgreSQL"
            ),
            (
                ["rehearse", "--dialect", "sqlite", "--schema", "migrations/0001_animals.yaml"], 1,
                "cannot make the schema"
            ),
        ])
    func complains(arguments: [String], code: Int32, words: String) throws {
        let result = try Tool(Files.both).run(arguments)
        #expect(result.code == code, "\(result.output)")
        #expect(result.complaint.contains(words), "\(result.complaint)")
    }

    // MARK: - A server of somebody's own

    private static let leftovers =
        "SELECT datname::text FROM pg_database WHERE datname LIKE 'bellows_rehearsal%'"

    /// Databases of that owner's rehearsals: other tests may rehearse on this server as well.
    private func leftovers(_ owner: String) throws -> [String] {
        try Database.postgres.query(
            ThrowAwayPostgres.shared.location(database: "postgres"),
            Self.leftovers + " AND pg_get_userbyid(datdba) = '\(owner)'")
    }

    private func role(_ name: String, _ attributes: String) throws -> String {
        let server = try ThrowAwayPostgres.shared
        try Database.postgres.query(
            server.location(database: "postgres"), "CREATE ROLE \(name) LOGIN \(attributes)")
        return server.location(database: "postgres", user: name)
    }

    @Test("on a server that is named nothing is left behind, whether it passes or fails")
    func scratch() throws {
        let location = try role("rehearsing", "CREATEDB")
        let tool = try Tool(Files.both)
        let passed = try tool(
            "rehearse", Files.name, "--scratch", location, "--seed", "1", "--schedules", "2")
        #expect(passed.code == 0, "\(passed.complaint)\(passed.output)")
        #expect(passed.output.contains("PostgreSQL, seed 1"))
        #expect(try leftovers("rehearsing") == [])
        try tool.folder.write(
            "operations: [{ sql: { expand: [ALTER TABLE animals RENAME COLUMN kind TO species] } }]\n",
            to: "migrations/0002_animals_kind_to_species.yaml")
        let failed = try tool(
            "rehearse", Files.name, "--scratch", location, "--seed", "1", "--schedules", "20")
        #expect(failed.code == 1, "\(failed.complaint)\(failed.output)")
        #expect(try leftovers("rehearsing") == [])
    }

    @Test("a role that may not make databases is told so")
    func scratchWithoutRights() throws {
        let location = try role("poor", "NOCREATEDB")
        let refused = try Tool(Files.both)("rehearse", Files.name, "--scratch", location, "--schedules", "1")
        #expect(refused.code == 1)
        #expect(refused.complaint.contains("cannot make a scratch database"), "\(refused.complaint)")
        #expect(refused.complaint.contains("CREATEDB"), "\(refused.complaint)")
    }

    @Test("stopped by a signal it leaves nothing behind", arguments: [1, 2])
    func stopped(signals: Int) throws {
        let owner = "stopping_\(signals)"
        let location = try role(owner, "CREATEDB")
        let tool = try Tool(Files.both)
        let process = try ChildProcess(
            try builtProduct(named: "bellows"),
            ["rehearse", Files.name, "--scratch", location, "--seed", "1", "--schedules", "1000"],
            environment: ["DATABASE_URL": nil, "PGHOST": nil], currentFolder: tool.folder.path)
        for _ in 0..<6000 where try leftovers(owner).count < 3 { Thread.sleep(forTimeInterval: 0.01) }
        process.send(SIGINT)
        if signals == 2 {
            for _ in 0..<2000 where !process.standardError.contains("once more to stop at once") {
                Thread.sleep(forTimeInterval: 0.01)
            }
            process.send(SIGINT)
        }
        let outcome = try process.wait(limit: .seconds(120))
        #expect(outcome.status == 130, "\(outcome.standardError)")
        #expect(outcome.standardError.contains("stops behind the schedule that is played"))
        #expect(try leftovers(owner) == [])
    }
}
