import DoubleWrite
import Foundation
import TestSupport
import Testing

/// How a fleet is named, and what is said of a list that is wrong.
@Suite("Lists of databases")
struct FleetListTests {
    @Test(
        "a list that is wrong gets one clear message, and nothing is done",
        arguments: [
            ("", "fleet.txt: the file names no database"),
            ("# only words\n\n", "fleet.txt: the file names no database"),
            ("eu shelter", "fleet.txt:1:4: the database's location has no form that is known"),
            ("a a.db\na b.db", "fleet.txt:2:3: 'a' is the name of the database of line 1 already"),
            ("a a.db\n\nb sqlite:./a.db", "fleet.txt:3:3: 'b' is the database of line 1 again"),
            ("a.db\nsqlite:a.db", "fleet.txt:2:1: 'sqlite:a.db' is the database of line 1 again"),
            ("b postgres://u@h/d\nc postgres://v:p@H:5432/d", "2:3: 'c' is the database of line 1 again"),
            ("a a.db\np postgres://h/d", "2:3: 'p' is PostgreSQL, but the database of line 1 is SQLite"),
            ("a sqlite:${NO_SUCH}.db", "fleet.txt:1:3: the environment variable 'NO_SUCH' is not set"),
            ("a a.db\nb b.db\nc b.db\nb c.db", "fleet.txt:3:3: 'c' is the database of line 2 again"),
        ])
    func mistakes(_ list: String, _ expected: String) throws {
        let tool = try Tool(Files.both.merging(["fleet.txt": list]) { $1 })
        for command in [["apply"], ["status"], ["plan"], ["attest", "app"]] {
            let result = try tool.run(command + ["--databases", "fleet.txt"])
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.complaint.contains(expected), "\(result.complaint)")
        }
        #expect(!FileManager.default.fileExists(atPath: tool.folder.file("a.db")))
        let document = try tool("apply", "--databases", "fleet.txt", "--format", "json").json
        let error = try #require(document["error"] as? [String: Any])
        #expect((error["problems"] as? [Any])?.isEmpty == false)
    }

    @Test(
        "a misuse leaves with code 2",
        arguments: [
            (["apply", "--databases", "fleet.txt", "--database", "x.db"], "give one of them"),
            (["apply", "--database", "x.db", "--only", "a"], "--only chooses among many databases"),
            (["apply", "--database", "x.db", "--first", "1"], "--first chooses among many databases"),
            (["apply", "--databases", "fleet.txt", "--first", "0"], "--first must be 1 or more"),
            (
                ["apply", "--databases", "fleet.txt", "--concurrency", "0"],
                "--concurrency must be from 1 to 64"
            ),
            (["apply", "--databases", "fleet.txt", "--only", "a", "--first", "1"], "give one of them"),
            (["status", "--databases", "fleet.txt", "--only", "shard2"], "did you mean 'shard1'?"),
            (["plan", "--databases", "fleet.txt", "--dialect", "sqlite"], "give one of them"),
            (["apply", "--databases", "fleet.txt", "0001_animal"], "did you mean '0001_animals'?"),
            (["attest", "ap", "--databases", "fleet.txt"], "did you mean 'app'?"),
            (
                ["rollback", "--databases", "fleet.txt"],
                "no migration is in flight in any of the 2 databases"
            ),
            (
                ["rollback", "0001_animals", "--databases", "fleet.txt"],
                "not begun in any of the 2 databases"
            ),
        ])
    func misuse(_ arguments: [String], _ expected: String) throws {
        let tool = try Tool(Files.both.merging(["fleet.txt": "shard1 a.db\nshard3 b.db"]) { $1 })
        let result = try tool.run(arguments)
        #expect(result.code == 2, "\(result.output)\(result.complaint)")
        #expect(result.complaint.contains(expected), "\(result.complaint)")
        #expect(!FileManager.default.fileExists(atPath: tool.folder.file("a.db")))
    }

    @Test("a file that is not there, is a folder, or no text")
    func unreadable() throws {
        let tool = try Tool(Files.both)
        try Data([0x61, 0xFF]).write(to: URL(fileURLWithPath: tool.folder.file("bytes")))
        for (path, expected) in [
            ("no.txt", "there is no such file"), ("migrations", "this is not a file"), ("bytes", "not UTF-8"),
        ] {
            let result = try tool("apply", "--databases", path)
            #expect(result.code == 1)
            #expect(result.complaint.contains("\(path):"), "\(result.complaint)")
            #expect(result.complaint.contains(expected), "\(result.complaint)")
        }
    }

    @Test("names, comments, spaces, variables; the database's location where there is no name")
    func reading() throws {
        var tool = try Tool([
            "migrations/0001_animals.yaml": Files.animals,
            "fleet.txt": """
            # shards
            eu\tsqlite:${FOLDER}/e u.db   # the first
              us   sqlite:us.db
            sqlite:plain#1.db
            犬の名前 犬.db
            """,
        ])
        tool.variables["FOLDER"] = tool.folder.path
        let result = try tool("apply", "--databases", "fleet.txt")
        #expect(result.code == 0, "\(result.complaint)")
        for name in ["eu", "us", "sqlite:plain#1.db", "犬の名前"] {
            #expect(result.row(name, "finished"), "\(name): \(result.output)")
        }
        for file in ["e u.db", "us.db", "plain#1.db", "犬.db"] {
            #expect(FileManager.default.fileExists(atPath: tool.folder.file(file)), "\(file)")
        }
        let only = try tool("status", "--databases", "fleet.txt", "--only", "犬の名前")
        #expect(only.output.hasPrefix("0001_animals  finished"))
    }

    @Test("databases: in bellows.yaml, as a list and by name; an option and an environment go before it")
    func configuration() throws {
        var tool = try Tool([
            "migrations/0001_animals.yaml": Files.animals,
            "bellows.yaml": """
            databases: { east: "sqlite:${EAST}", west: west.db }
            environments:
              list: { databases: [a.db, b.db] }
              one: { database: one.db }
              both: { database: one.db, databases: [a.db] }
            """,
        ])
        tool.variables["EAST"] = "east.db"
        tool.variables["DATABASE_URL"] = "sqlite:variable.db"
        let named = try tool("apply")
        #expect(
            named.output.hasPrefix("2 SQLite databases of bellows.yaml, all alike: 0001_animals pending\n"))
        #expect(named.row("east", "finished") && named.row("west", "finished"), "\(named.output)")
        #expect(try tool("apply", "--environment", "list").row("sqlite:b.db", "finished"))
        #expect(
            try tool("apply", "--environment", "one").output.hasSuffix("0001_animals finished (1 step)\n"))
        #expect(
            try tool("apply", "--database", "own.db").output.hasSuffix("0001_animals finished (1 step)\n"))
        let both = try tool("apply", "--environment", "both")
        #expect(both.code == 1)
        #expect(both.complaint.contains("bellows.yaml:5:29: 'databases' stands beside 'database'"))
        #expect(!FileManager.default.fileExists(atPath: tool.folder.file("variable.db")))
    }

    @Test("a password in a list is never shown")
    func password() throws {
        let tool = try Tool(
            Files.both.merging([
                "fleet.txt": """
                postgres://guarded:wr0ng%2Fs3cret@127.0.0.1:1/a
                host=127.0.0.1 port=1 user=guarded dbname=b password=wr0ng-s3cret
                named postgres://127.0.0.1:1/c?user=guarded&password=wr0ng-s3cret
                """,
                "twice.txt": "postgres://u:wr0ng@h/a\npostgres://u:s3cret@h/a\npostgres//u:wr0ng@h/b",
                "bellows.yaml": "databases: postgres://u:wr0ng@h/a",
                "keys.yaml": "databases: {'postgres://u:wr0ng@h/a': 'postgres://u:s3cret@h/a'}",
            ]) { $1 })
        for options in [
            ["--databases", "fleet.txt"], ["--databases", "fleet.txt", "--continue"],
            ["--databases", "twice.txt"], [], ["--config", "keys.yaml"],
        ] {
            for command in [["apply"], ["apply", "--format", "json"], ["attest", "app"]] {
                let result = try tool.run(command + options)
                #expect(result.code == 1)
                for secret in ["wr0ng", "s3cret"] {
                    #expect(!result.output.contains(secret), "\(command): \(result.output)")
                    #expect(!result.complaint.contains(secret), "\(command): \(result.complaint)")
                }
            }
        }
    }
}
