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
        ])
    func complains(arguments: [String], code: Int32, words: String) throws {
        let result = try Tool(Files.both).run(arguments)
        #expect(result.code == code, "\(result.output)")
        #expect(result.complaint.contains(words), "\(result.complaint)")
    }
}
