import Foundation
import PostgresDriver
import TestSupport
import Testing

/// Many databases, a run that is killed among them, and the same command again.
@Suite("Large fleets", .serialized)
struct FleetScaleTests {
    @Test("200 SQLite files, killed in the middle and resumed")
    func files() throws { try killedAndResumed(.sqlite, count: 200) }

    @Test("20 PostgreSQL databases, killed in the middle and resumed")
    func servers() throws { try killedAndResumed(.postgres, count: 20) }

    private func killedAndResumed(_ database: Database, count: Int) throws {
        let fleet = try FleetTool(database, count: count)
        #expect(try run(fleet, ["apply", "0001_animals"]).status == 0)
        for (name, _) in fleet.members {
            _ = try fleet.query(
                name, "INSERT INTO animals (id, name, kind) VALUES (1, 'Tom', 'cat'), (2, 'Rex', '\(name)')")
        }
        let command = ["apply", "--no-writers", "--through", "contract"]
        let killed = try start(fleet, command)
        let deadline = ContinuousClock.now + .seconds(120)
        while finished(killed.standardOutput) < count / 4, ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.005)
        }
        killed.send(SIGKILL)
        #expect(try killed.wait().signal == SIGKILL, "it was done before it could be killed")
        #expect(finished(killed.standardOutput) < count)

        // A server may take a moment to notice that a client has gone, and until then its lease holds.
        var resumed = try run(fleet, command)
        while resumed.status == 5, ContinuousClock.now < deadline { resumed = try run(fleet, command) }
        #expect(resumed.status == 0, "\(resumed.standardOutput)\(resumed.standardError)")
        for (name, _) in fleet.members {
            #expect(try fleet.columns(name) == ["id", "name", "species"], "\(name)")
            #expect(try fleet.query(name, "SELECT species FROM animals ORDER BY id") == ["cat", name])
        }
        #expect(Set(try fleet.members.map { try definition(fleet, $0.name) }).count == 1)
        let again = try run(fleet, command)
        #expect(again.standardOutput.hasSuffix("\(count) databases: \(count) with nothing to do\n"))
        #expect(try run(fleet, ["status"]).status == 0)
    }

    /// The rows that say so.
    private func finished(_ output: String) -> Int {
        output.components(separatedBy: "  finished  ").count - 1
    }

    /// Everything that there is, but for what Bellows itself keeps.
    private func definition(_ fleet: FleetTool, _ name: String) throws -> String {
        switch fleet.database {
        case .sqlite:
            return try fleet.query(
                name, "SELECT sql FROM sqlite_master WHERE name NOT LIKE '%bellows_%' ORDER BY name"
            ).joined(separator: "\n")
        case .postgres:
            return try fleet.query(
                name,
                """
                SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                    pg_get_expr(d.adbin, d.adrelid)) FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped AND a.attnum > 0
                LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
                WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1
                """
            ).joined(separator: "\n")
        }
    }

    private func start(_ fleet: FleetTool, _ command: [String]) throws -> ChildProcess {
        try ChildProcess(
            try builtProduct(named: "bellows"), command + ["--databases", "fleet.txt"],
            environment: ["DATABASE_URL": nil], currentFolder: fleet.tool.folder.path)
    }

    private func run(_ fleet: FleetTool, _ command: [String]) throws -> ChildProcess.Outcome {
        try start(fleet, command).wait(limit: .seconds(300))
    }
}
