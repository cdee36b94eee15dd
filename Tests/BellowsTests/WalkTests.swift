import Foundation
import PostgresDriver
import TestSupport
import Testing

/// The whole way of a rename by the commands that the tool itself shows, on both databases.
@Suite("Walks")
struct WalkTests {
    @Test("a rename from init to its end", arguments: Database.allCases)
    func forward(_ database: Database) throws {
        var tool = try Tool()
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("init").code == 0)
        for (name, text) in Files.both { try tool.folder.write(text, to: name) }
        #expect(try tool("apply", "0001_animals").output.hasSuffix("0001_animals finished (1 step)\n"))
        try database.query(
            location, "INSERT INTO animals (id, name, kind) VALUES (1, 'Tom', 'cat'), (2, 'Rex', 'dog')")

        let waiting = try tool("apply")
        #expect(waiting.code == 3)
        #expect(waiting.complaint.isEmpty)
        let command = "bellows attest app --migration \(Files.name)"
        #expect(waiting.output.contains(command), "\(waiting.output)")
        let status = try tool("status")
        #expect(status.output.contains("0001_animals                  finished"))
        #expect(try tool.run(words(command)).output == "'app' is attested as helper for \(Files.name)\n")

        let expanded = try tool("apply", "--through", "expand")
        #expect(expanded.code == 0)
        #expect(expanded.output.contains("2 rows"))
        #expect(try database.query(location, "SELECT species FROM animals ORDER BY id") == ["cat", "dog"])
        let verified = try tool("verify")
        #expect(verified.code == 0)
        #expect(verified.output.contains("holds in 2 rows"), "\(verified.output)")

        let transitioned = try tool("apply")
        #expect(transitioned.code == 0)
        #expect(transitioned.output.contains("bellows apply \(Files.name) --through contract"))
        #expect(try tool("status").output.contains("double-write ✓   expand ✓   transition ✓"))

        let soaking = try tool("apply", "--through", "contract")
        #expect(soaking.code == 3)
        #expect(soaking.output.contains("bellows apply \(Files.name) --through contract"))
        // The first may look in the very millisecond in which the soak began, when it is a whole day yet.
        let still = try tool("apply", "--through", "contract")
        #expect(still.code == 3)
        #expect(still.output.contains("23 h 59 min more"), "\(still.output)")
        #expect(try tool("apply", "--through", "contract", "--soak", "0s").code == 0)
        #expect(try database.columns(location, of: "animals") == ["id", "name", "species"])
        let finished = try tool("status")
        #expect(finished.code == 0)
        #expect(finished.output.contains("\(Files.name)  finished"))
        #expect(try tool("plan").output == "nothing to plan: every migration is finished\n")
        #expect(try tool("apply").output == "nothing to do: every migration is finished\n")
    }

    @Test("a rename and back again", arguments: Database.allCases)
    func back(_ database: Database) throws {
        var tool = try Tool(Files.both)
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "0001_animals").code == 0)
        try database.query(location, "INSERT INTO animals (id, name, kind) VALUES (1, 'Tom', 'cat')")
        #expect(try tool("attest", "app", "--release", "v2").code == 0)
        #expect(try tool("apply").code == 0)
        let back = try tool("rollback")
        #expect(back.code == 0, "\(back.output)\(back.complaint)")
        #expect(back.output.contains("\(Files.name) rolled back"))
        #expect(try database.columns(location, of: "animals") == ["id", "name", "kind"])
        #expect(try database.query(location, "SELECT kind FROM animals") == ["cat"])
        #expect(try tool("status").output.contains("\(Files.name)  pending"))
    }

    @Test("JSON all the way", arguments: Database.allCases)
    func json(_ database: Database) throws {
        var tool = try Tool(Files.both)
        tool.variables["DATABASE_URL"] = try database.location(tool)
        let waiting = try tool("apply", "--format", "json")
        #expect(waiting.code == 3)
        let migrations = try #require(try waiting.json["migrations"] as? [[String: Any]])
        let last = try #require(migrations.last)
        #expect(last["outcome"] as? String == "waiting")
        let gate = try #require((last["waits_for"] as? [[String: Any]])?.first)
        #expect(gate["condition"] as? String == "release")
        #expect(gate["applications"] as? [String] == ["app"])
        #expect(gate["commands"] as? [String] == ["bellows attest app --migration \(Files.name)"])

        let attested = try tool("attest", "app", "--format", "json", "--as", "both").json
        #expect(attested["migrations"] as? [String] == [Files.name])
        #expect(attested["conduct"] as? String == "both")
        let status = try tool("status", "--format", "json").json
        #expect((status["migrations"] as? [Any])?.count == 2)
        #expect((status["drift"] as? [Any])?.isEmpty == true)
        let applied = try tool("apply", "--through", "expand", "--format", "json").json
        let reached = try #require((applied["migrations"] as? [[String: Any]])?.last)
        #expect(reached["outcome"] as? String == "reached")
        #expect(reached["next"] as? String == "transition")
        let verified = try tool("verify", "--format", "json").json
        let verification = try #require((verified["verifications"] as? [[String: Any]])?.first)
        #expect(verification["holds"] as? Bool == true)
        let back = try tool("rollback", "--format", "json").json
        #expect((back["migrations"] as? [[String: Any]])?.last?["outcome"] as? String == "rolled-back")
    }

    @Test("an edited file is refused with code 4", arguments: Database.allCases)
    func edited(_ database: Database) throws {
        var tool = try Tool(Files.both)
        tool.variables["DATABASE_URL"] = try database.location(tool)
        #expect(try tool("apply", "0001_animals").code == 0)
        try tool.folder.write(Files.animals + "# edited\n", to: "migrations/0001_animals.yaml")
        let refused = try tool("apply")
        #expect(refused.code == 4)
        #expect(refused.complaint.contains("0001_animals"))
        let status = try tool("status")
        #expect(status.code == 4)
        #expect(status.output.contains("its file was edited"))
    }

    @Test("a schema that drifted is refused with code 4", arguments: Database.allCases)
    func drifted(_ database: Database) throws {
        var tool = try Tool(Files.both)
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "0001_animals").code == 0)
        #expect(try tool("attest", "app").code == 0)
        #expect(try tool("apply", "--through", "expand").code == 0)
        try database.query(location, "ALTER TABLE animals DROP COLUMN species")
        let refused = try tool("apply")
        #expect(refused.code == 4, "\(refused.output)\(refused.complaint)")
        #expect(refused.complaint.contains("species"))
        let status = try tool("status")
        #expect(status.code == 4)
        #expect(status.output.contains("drift"))
        #expect(status.output.contains("species"))
    }

    @Test("options that chose the project stand in the commands that are shown")
    func commands() throws {
        let tool = try Tool(["db/0001_a b.yaml": Files.animals])
        let result = try tool("plan", "--migrations", "db", "--dialect", "sqlite")
        #expect(result.output.contains("bellows apply '0001_a b' --migrations db"))
        let against = try tool("plan", "--migrations", "db", "--database", "sqlite:a b.db")
        #expect(
            against.output.contains("bellows apply '0001_a b' --migrations db --database 'sqlite:a b.db'"))
    }

    private func words(_ command: String) -> [String] {
        command.split(separator: " ").dropFirst().map(String.init)
    }
}

/// Two runs at once, and a run whose reader goes away.
@Suite("Runs beside each other")
struct ConcurrencyTests {
    @Test("the second of two runs leaves with code 5 and names the first")
    func lease() throws {
        var tool = try Tool([
            "migrations/0001_animals.yaml": Files.animals,
            "migrations/0002_weight.yaml":
                "operations: [{add_column: {table: animals, column: weight, type: real}}]",
        ])
        let location = try Database.postgres.location(tool)
        tool.variables["DATABASE_URL"] = location
        #expect(try tool("apply", "0001_animals").code == 0)
        let holder = try PostgresConnection(location)
        _ = try holder.execute("BEGIN; LOCK TABLE animals IN ACCESS SHARE MODE")
        let first = try ChildProcess(
            try builtProduct(named: "bellows"), ["apply"], environment: ["DATABASE_URL": location],
            currentFolder: tool.folder.path)
        let deadline = ContinuousClock.now + .seconds(30)
        while !first.standardOutput.contains("waits for a lock"), ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.02)
        }
        #expect(first.standardOutput.contains("process \(holder.backendID)"), "\(first.standardOutput)")
        let second = try tool("apply")
        #expect(second.code == 5)
        #expect(second.complaint.contains("process \(first.processIdentifier)"), "\(second.complaint)")
        #expect(try tool("status").output.contains("running now: process \(first.processIdentifier)"))
        _ = try holder.execute("COMMIT")
        let outcome = try first.wait()
        #expect(outcome.status == 0, "\(outcome.standardError)")
        #expect(try Database.postgres.columns(location, of: "animals").last == "weight")
    }

    @Test("a reader that goes away does not end the run")
    func pipe() throws {
        var tool = try Tool(Files.both)
        tool.variables["DATABASE_URL"] = try Database.sqlite.location(tool)
        let command = "'\(try builtProduct(named: "bellows"))' apply --no-writers --through contract | true"
        var environment = tool.variables
        environment["NO_COLOR"] = "1"
        let outcome = try ChildProcess.run(
            "/bin/bash", ["-c", "set -o pipefail; " + command], environment: environment,
            currentFolder: tool.folder.path)
        #expect(outcome.status == 0, "\(outcome.standardError)")
        #expect(try tool("status").output.contains("\(Files.name)  finished"))
    }
}
