import Foundation
import TestSupport
import Testing

/// What a script that asked for JSON reads when a command fails, and what `status` advises.
@Suite("Errors as JSON, and advice")
struct ErrorJSONTests {
    private func error(_ result: Tool.Result) throws -> [String: Any] {
        #expect(result.complaint.hasPrefix("bellows: "))
        return try #require(try result.json["error"] as? [String: Any])
    }

    @Test("drift", arguments: Database.allCases)
    func drift(_ database: Database) throws {
        var tool = try Tool(Files.both)
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "--through", "expand", "--no-writers").code == 0)
        try database.query(location, "ALTER TABLE animals ADD COLUMN colour text")
        let result = try tool("apply", "--format", "json")
        #expect(result.code == 4)
        let error = try error(result)
        #expect(error["exit_code"] as? Int == 4)
        #expect((error["message"] as? String)?.contains("colour") == true)
        let drift = try #require(error["drift"] as? [[String: Any]])
        #expect(drift.first?["table"] as? String == "animals")
        #expect((drift.first?["extra"] as? [String])?.count == 1)
    }

    @Test("mistakes in files")
    func problems() throws {
        let tool = try Tool(["migrations/0001_a.yaml": "operations:\n  - no_such: {}\n"])
        let result = try tool("plan", "--dialect", "sqlite", "--format=json")
        #expect(result.code == 1)
        let problems = try #require(try error(result)["problems"] as? [[String: Any]])
        #expect(problems.first?["file"] as? String == "migrations/0001_a.yaml")
        #expect(problems.first?["line"] as? Int == 2)
    }

    @Test("a misuse")
    func misuse() throws {
        let result = try Tool()("status", "--format", "json")
        #expect(try error(result)["exit_code"] as? Int == 2)
        #expect(try Tool()("status", "--database", "sqlite:no/such/a.db").output.isEmpty)
    }

    @Test("status says what a pending migration waits for, and not to go on beside an edited file")
    func advice() throws {
        var tool = try Tool(Files.both)
        tool.variables["DATABASE_URL"] = try Database.sqlite.location(tool)
        #expect(try tool("apply", "0001_animals").code == 0)
        let pending = try tool("status").output
        #expect(pending.contains("bellows attest app --migration \(Files.name)"), "\(pending)")
        #expect(try tool("apply", Files.name, "--through", "expand", "--no-writers").code == 0)
        #expect(try tool("status").output.contains("goes on by"))
        try tool.folder.write(Files.rename + "\n# later\n", to: "migrations/\(Files.name).yaml")
        let edited = try tool("status").output
        #expect(edited.contains("its file was edited"))
        #expect(!edited.contains("goes on by"), "\(edited)")
    }
}
