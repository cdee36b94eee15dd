import DoubleWrite
import Foundation
import PostgresDriver
import TestSupport
import Testing

/// The real process in the middle of a backfill: told to end, paused from elsewhere, and beside others on its machine.
@Suite struct SignalTests {
    /// A tool with a table whose backfill takes a while.
    private func tool(_ database: Database) throws -> (tool: Tool, location: String) {
        let tool = try Tool(Files.both)
        let location = try database.location(tool)
        #expect(
            try tool("apply", "0001_animals", "--database", location, "--no-writers", "--through", "contract")
                .code == 0)
        let numbers =
            database == .postgres
            ? "SELECT i FROM generate_series(1, 50000) AS n(i)"
            : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n"
        try database.query(
            location, "INSERT INTO animals (id, name, kind) SELECT i, 'name', 'dog' FROM (\(numbers)) AS s")
        return (tool, location)
    }

    /// - Parameter starter: What starts it, with arguments of its own.
    private func start(_ tool: Tool, _ arguments: [String], by starter: [String] = []) throws -> ChildProcess
    {
        try ChildProcess(
            "/usr/bin/env", starter + [try builtProduct(named: "bellows")] + arguments,
            environment: ["DATABASE_URL": nil, "PGHOST": nil], currentFolder: tool.folder.path)
    }

    /// Slow enough to be met in the middle.
    private func slowly(_ location: String) -> [String] {
        [
            "apply", "--database", location, "--no-writers", "--through", "expand", "--batch-time", "5ms",
            "--nice",
            "100", "--workers", "1",
        ]
    }

    private func wait(_ what: String, until condition: () throws -> Bool) throws {
        for _ in 0..<3000 {
            if (try? condition()) == true { return }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw TestSupportError("never: \(what)")
    }

    private func steps(_ database: Database) -> String {
        database == .postgres ? "bellows.steps" : "bellows_steps"
    }

    private func waitForCursor(_ database: Database, _ location: String) throws {
        try wait("a cursor") {
            try !database.query(
                location,
                "SELECT step FROM \(steps(database)) WHERE step LIKE '%backfill' AND row_count > 0"
            ).isEmpty
        }
    }

    @Test(arguments: Database.allCases, [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func theFirstSignalStopsBehindTheBatch(_ database: Database, _ signal: (Int32, Int32)) throws {
        let (tool, location) = try tool(database)
        let process = try start(tool, slowly(location))
        try waitForCursor(database, location)
        process.send(signal.0)
        let outcome = try process.wait()
        #expect(outcome.status == signal.1)
        #expect(outcome.standardError.contains("stops behind the batch"))
        #expect(outcome.standardError.contains("stopped, as asked"))
        let rows = try database.query(
            location, "SELECT row_count FROM \(steps(database)) WHERE step LIKE '%backfill'")
        let filled = try database.query(location, "SELECT count(*) FROM animals WHERE species = 'dog'")
        #expect(rows == filled)
        #expect(Int(rows.first ?? "") ?? 0 < 50_000)
        let again = try tool("apply", "--database", location, "--no-writers", "--through", "expand")
        #expect(again.code == 0, "\(again.complaint)")
        #expect(again.output.contains("rows in all"))
    }

    #if os(Linux)
        /// How the kernel schedules each of its threads: field 41 of `stat`, where 3 is `SCHED_BATCH`, which it takes for
        /// itself, and 5 is `SCHED_IDLE`, which somebody gave it.
        /// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
        @Test(arguments: [([], "3"), (["chrt", "--idle", "0"], "5")], Database.allCases)
        func putsNobodyAside(_ policy: (starter: [String], number: String), _ database: Database) throws {
            let (tool, location) = try tool(database)
            let process = try start(tool, slowly(location), by: policy.starter)
            try waitForCursor(database, location)
            let tasks = "/proc/\(process.processIdentifier)/task"
            let policies = try FileManager.default.contentsOfDirectory(atPath: tasks).compactMap { task in
                // The third field is the first one behind the name, which may hold spaces. A thread may have ended.
                try? String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
                    .split(separator: ")").last.map { String($0.split(separator: " ")[38]) }
            }
            #expect(policies.count > 1)
            #expect(Set(policies) == [policy.number], "\(policies)")
        }
    #endif

    /// While nothing comes to an end by itself: what the server does for it ends as well.
    @Test func theSecondSignalStopsAtOnce() throws {
        let tool = try Tool([
            "migrations/0001_animals.yaml": Files.animals,
            "migrations/0002_index.yaml":
                "operations:\n  - create_index: { table: animals, name: by_kind, columns: [kind] }\n",
        ])
        let location = try ThrowAwayPostgres.makeDatabase()
        #expect(
            try tool("apply", "0001_animals", "--database", location, "--no-writers", "--through", "contract")
                .code == 0)
        // CREATE INDEX CONCURRENTLY waits for it.
        let holder = try PostgresConnection(location)
        _ = try holder.execute("BEGIN; INSERT INTO animals (id, name, kind) VALUES (1, 'Rex', 'dog')")
        let process = try start(
            tool, ["apply", "0002_index", "--database", location, "--no-writers", "--through", "contract"])
        let builds =
            "SELECT pid::text FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND datname = current_database()"
        try wait("a build") { try !Database.postgres.query(location, builds).isEmpty }
        process.send(SIGINT)
        try wait("an answer") { process.standardError.contains("once more to stop at once") }
        #expect(process.isRunning)
        process.send(SIGINT)
        let outcome = try process.wait(limit: .seconds(20))
        #expect(outcome.status == 130)
        #expect(outcome.standardError.contains("stopped at once"))
        try wait("the build's end") { try Database.postgres.query(location, builds).isEmpty }
        _ = try holder.execute("COMMIT")
        let again = try tool(
            "apply", "0002_index", "--database", location, "--no-writers", "--through", "contract")
        #expect(again.code == 0, "\(again.complaint)")
    }

    @Test(arguments: Database.allCases)
    func pausesAndResumesFromElsewhere(database: Database) throws {
        let (tool, location) = try tool(database)
        let process = try start(tool, slowly(location))
        try waitForCursor(database, location)
        let paused = try tool("pause", "--database", location, "--reason", "the sale")
        #expect(paused.code == 0, "\(paused.complaint)")
        #expect(paused.output.hasPrefix("backfills are paused by "))
        try wait("that it waits") { process.standardOutput.contains("waits: paused by ") }
        let status = try tool("status", "--database", location)
        #expect(status.output.contains(": the sale"))
        #expect(status.output.contains("bellows resume"))
        let json = try tool("status", "--database", location, "--format", "json").json
        #expect((json["pause"] as? [String: Any])?["reason"] as? String == "the sale")
        process.send(SIGTERM)
        #expect(try process.wait().status == 143)
        let waiting = try tool("apply", "--database", location, "--no-writers", "--through", "expand")
        #expect(waiting.code == 3)
        #expect(waiting.output.contains("paused by"))
        #expect(waiting.output.contains("bellows resume"))
        #expect(try tool("resume", "--database", location).output.hasPrefix("backfills go on"))
        #expect(try tool("resume", "--database", location).output == "nothing is paused\n")
        #expect(try tool("apply", "--database", location, "--no-writers", "--through", "expand").code == 0)
    }

    /// Nothing is closed and nothing arrives: it asks over another connection, in vain, and leaves.
    @Test func aNetworkThatSwallowsEndsIt() throws {
        let (tool, location) = try tool(.postgres)
        let wire = try Wire(to: location)
        let limits = ["--silence-limit", "300ms", "--reconnect-timeout", "500ms"]
        let process = try start(tool, slowly(wire.location + "&connect_timeout=2") + limits)
        try waitForCursor(.postgres, location)
        wire.swallow(.all)
        let outcome = try process.wait(limit: .seconds(30))
        #expect(outcome.status == 1)
        #expect(outcome.standardError.contains("was lost [08006]"), "\(outcome.standardError)")
        #expect(outcome.standardError.contains("nothing was heard of the server"), "\(outcome.standardError)")
        // Its session is there until the server hears that it is gone.
        wire.goOn()
        try wait("the end of its lease") {
            try tool("apply", "--database", location, "--no-writers", "--through", "expand").code == 0
        }
        let left = "SELECT count(*) FROM animals WHERE species IS DISTINCT FROM 'dog'"
        #expect(try Database.postgres.query(location, left) == ["0"])
    }

    @Test(arguments: [
        (["--workers", "0"], "--workers must be from 1 to 64"),
        (["--nice=-1"], "--nice must be from 0 to 100"),
        (["--max-load", "0"], "--max-load must be at least 1"),
        (["--batch-time", "1ms"], "--batch-time must be"),
        (["--max-lag", "never"], "max-lag"),
    ])
    func refusesWhatMakesNoSense(arguments: [String], words: String) throws {
        let tool = try Tool(Files.both)
        let result = try tool.run(["apply", "--database", "sqlite:x.db"] + arguments)
        #expect(result.code == 2)
        #expect(result.complaint.contains(words), "\(result.complaint)")
    }
}
