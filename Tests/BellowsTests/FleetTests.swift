import DoubleWrite
import Foundation
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

/// One set of migrations for many databases.
@Suite("Fleets")
struct FleetTests {
    @Test("a rename over three databases, forth and back", arguments: Database.allCases)
    func life(_ database: Database) throws {
        let fleet = try FleetTool(database, count: 3)
        let waiting = try fleet("apply")
        #expect(waiting.code == 3, "\(waiting.output)\(waiting.complaint)")
        #expect(waiting.complaint.isEmpty)
        #expect(waiting.output.contains(", all alike: 0001_animals and 1 more pending\n"))
        #expect(["db1", "db2", "db3"].allSatisfy { waiting.row($0, "waits") }, "\(waiting.output)")
        let command = "bellows attest app --migration \(Files.name) --databases fleet.txt"
        #expect(waiting.output.components(separatedBy: command).count == 2, "said once: \(waiting.output)")
        for (name, _) in fleet.members {
            _ = try fleet.query(name, "INSERT INTO animals (id, name, kind) VALUES (1, 'Tom', '\(name)')")
        }
        let attested = try fleet("attest", "app", "--migration", Files.name)
        #expect(attested.output == "'app' is attested as helper for \(Files.name) in all 3 databases\n")
        #expect(try fleet("apply", "--through", "expand").code == 0)
        let verified = try fleet("verify")
        #expect(verified.code == 0)
        #expect(verified.row("db2", "holds in 1 row"), "\(verified.output)")
        #expect(try fleet("apply").code == 0)
        #expect(try fleet("status").code == 0)

        let back = try fleet("rollback")
        #expect(back.code == 0, "\(back.output)\(back.complaint)")
        #expect(back.output.hasSuffix("3 databases: 3 rolled back\n"), "\(back.output)")
        for (name, _) in fleet.members {
            #expect(try fleet.columns(name) == ["id", "name", "kind"])
            #expect(try fleet.query(name, "SELECT kind FROM animals") == [name])
        }
        #expect(try fleet("apply", "--no-writers", "--through", "contract").code == 0)
        for (name, _) in fleet.members {
            #expect(try fleet.columns(name) == ["id", "name", "species"])
            #expect(try fleet.query(name, "SELECT species FROM animals") == [name])
        }
        #expect(try fleet("apply").output.hasSuffix("3 databases: 3 with nothing to do\n"))
        #expect(try fleet("rollback").code == 2)
    }

    @Test("what differs is shown before anything runs", arguments: Database.allCases)
    func differences(_ database: Database) throws {
        let fleet = try FleetTool(database, count: 4)
        #expect(try fleet("apply", "0001_animals", "--first", "3").code == 0)
        _ = try fleet.query("db2", "CREATE INDEX by_kind ON animals (kind)")
        #expect(try fleet("attest", "app", "--only", "db3").code == 0)
        #expect(try fleet("apply", "--only", "db3", "--through", "expand").code == 0)
        let plan = try fleet("plan")
        #expect(plan.code == 0, "\(plan.complaint)")
        for expected in [
            "2  \(Files.name) pending", "db1 and db2\n", "1  \(Files.name) in flight at step ",
            "1  0001_animals and 1 more pending", "the plan of \(Files.name) is not the same everywhere\n",
            "    db2: ", "by_kind",
        ] {
            #expect(plan.output.contains(expected), "\(expected) is not in \(plan.output)")
        }
        let document = try fleet("plan", "--format", "json").json
        let databases = try #require(document["databases"] as? [[String: Any]])
        let places = databases.compactMap { $0["plan"] as? Int }
        #expect(places.count == 4)
        #expect(places[1] != places[0])
        #expect((document["plans"] as? [Any])?.count == Set(places).count)
        let applied = try fleet("apply", "--no-writers", "--through", "contract")
        #expect(applied.code == 0, "\(applied.output)\(applied.complaint)")
        let shown = try #require(applied.output.range(of: "is not the same everywhere"))
        let first = try #require(applied.output.range(of: "db1  finished"))
        #expect(shown.lowerBound < first.lowerBound)
        for (name, _) in fleet.members { #expect(try fleet.columns(name) == ["id", "name", "species"]) }
    }

    @Test("one that cannot be opened: nothing is begun, or the others are", arguments: Database.allCases)
    func unreachable(_ database: Database) throws {
        let fleet = try FleetTool(database, count: 2)
        let wrong = database == .sqlite ? "sqlite:nowhere/x.db" : "postgres://u:s3cret@127.0.0.1:1/x"
        try fleet.write([fleet.members[0], ("gone", wrong), fleet.members[1]])
        let refused = try fleet("apply", "0001_animals")
        #expect(refused.code == 1)
        #expect(refused.complaint.hasPrefix("bellows: 1 of 3 databases failed:\n  gone: cannot open "))
        #expect(refused.complaint.contains("nothing was changed"))
        #expect(refused.output.hasSuffix("3 databases: 1 failed and 2 not begun\n"), "\(refused.output)")
        #expect(try fleet.columns("db1") == [])
        let onwards = try fleet("apply", "0001_animals", "--continue", "--format", "json")
        #expect(onwards.code == 1)
        let databases = try #require(try onwards.json["databases"] as? [[String: Any]])
        #expect(databases.compactMap { $0["outcome"] as? String } == ["finished", "failed", "finished"])
        #expect(databases.compactMap { $0["exit_code"] as? Int } == [0, 1, 0])
        let error = try #require(databases[1]["error"] as? [String: Any])
        #expect((error["message"] as? String)?.hasPrefix("cannot open ") == true)
        #expect(!onwards.output.contains("s3cret") && !onwards.complaint.contains("s3cret"))
        for (name, _) in fleet.members { #expect(try fleet.columns(name) == ["id", "name", "kind"]) }

        let attested = try fleet("attest", "app")
        #expect(attested.code == 1)
        #expect(attested.complaint.contains("nothing was recorded"))
        #expect(try fleet("status", "--only", "db1").code == 3)
        #expect(try fleet("attest", "app", "--continue").output.contains("in db1 and db2\n"))
        #expect(try fleet("status", "--only", "db1").code == 0)
        let status = try fleet("status")
        #expect(status.code == 1)
        #expect(status.output.contains("\(Files.name) pending"), "\(status.output)")
        #expect(status.complaint.contains("  gone: cannot open "))
    }

    @Test("one that fails on the way: what runs is finished, the rest is not begun, the same command goes on")
    func failure() throws {
        let fleet = try FleetTool(.sqlite, count: 4)
        #expect(try fleet("apply", "0001_animals").code == 0)
        let holder = try SQLiteConnection(path: String(fleet.location("db2").dropFirst("sqlite:".count)))
        // It can be read, so looking at it finds nothing wrong.
        try holder.execute("BEGIN IMMEDIATE")
        let options = ["--no-writers", "--through", "contract", "--concurrency", "1"]
        let patience = ["--lock-timeout", "10ms", "--lock-attempts", "2", "--databases", "fleet.txt"]
        let stopped = try fleet.tool.run(["apply"] + options + patience)
        #expect(stopped.code == 5, "\(stopped.output)\(stopped.complaint)")
        #expect(stopped.row("db1", "finished"), "\(stopped.output)")
        #expect(stopped.row("db2", "failed"), "\(stopped.output)")
        #expect(stopped.output.contains("4 databases: 1 finished, 1 failed and 2 not begun\n"))
        #expect(stopped.complaint.contains("the same command goes on from here"))
        #expect(try fleet.columns("db3").contains("kind"))
        let others = try fleet.tool.run(["apply", "--continue"] + options + patience)
        #expect(others.code == 5)
        #expect(others.output.contains("2 finished, 1 with nothing to do and 1 failed\n"), "\(others.output)")
        try holder.execute("ROLLBACK")
        #expect(try fleet.tool.run(["apply"] + options + patience).code == 0)
        for (name, _) in fleet.members { #expect(try fleet.columns(name) == ["id", "name", "species"]) }
    }

    @Test("different migrations in flight: a rollback without a name is refused")
    func unclearRollback() throws {
        var files = Files.both
        files["migrations/0003_name_to_called.yaml"] =
            "operations: [{rename_column: {table: animals, from: name, to: called}}]"
        let fleet = try FleetTool(.sqlite, count: 3, files: files)
        #expect(try fleet("apply", "0001_animals").code == 0)
        #expect(try fleet("attest", "app").code == 0)
        #expect(try fleet("apply", "--through", "expand", Files.name, "--only", "db1").code == 0)
        #expect(try fleet("apply", "--through", "expand", "0003_name_to_called", "--only", "db3").code == 0)
        let unclear = try fleet("rollback")
        #expect(unclear.code == 2)
        #expect(
            unclear.complaint
                == "bellows: several migrations are in flight, name one: \(Files.name) (in db1), "
                + "0003_name_to_called (in db3)\n")
        let named = try fleet("rollback", Files.name)
        #expect(named.code == 0, "\(named.output)\(named.complaint)")
        #expect(named.row("db1", "rolled back") && named.row("db3", "nothing to do"), "\(named.output)")
        #expect(try fleet.columns("db3").contains("called"))
        let nowhere = try fleet("rollback", Files.name)
        #expect(nowhere.code == 2)
        #expect(nowhere.complaint.contains("not begun in any of the 3 databases"))
    }

    @Test("a schema that drifted in one of them stops all, or is left out", arguments: Database.allCases)
    func drift(_ database: Database) throws {
        let fleet = try FleetTool(database, count: 3)
        #expect(try fleet("apply", "0001_animals").code == 0)
        #expect(try fleet("attest", "app").code == 0)
        #expect(try fleet("apply", "--through", "expand").code == 0)
        _ = try fleet.query("db2", "ALTER TABLE animals DROP COLUMN species")
        let refused = try fleet("apply")
        #expect(refused.code == 4, "\(refused.output)\(refused.complaint)")
        #expect(refused.complaint.contains("  db2: table 'animals' is not as"))
        #expect(refused.complaint.contains("nothing was changed"))
        let status = try fleet("status")
        #expect(status.code == 4)
        #expect(status.output.contains("db2: drift: 'animals' is not as it was left\n"), "\(status.output)")
        let onwards = try fleet("apply", "--continue")
        #expect(onwards.code == 4)
        #expect(onwards.row("db1", "before contract") && onwards.row("db3", "before contract"))
        #expect(!onwards.row("db2", "before"))
    }
}
