import DoubleWrite
import Foundation
import SQLiteDriver
import TestSupport

/// The same for SQLite: against one UPDATE, and how long another process's write waits.
struct SQLiteBackfill {
    var rows = 1_000_000
    var rounds = 5

    private static let operation = "rename_column: { table: animals, from: kind, to: species }"

    func measure(into report: inout Report) throws {
        var (single, filled): ([Double], [Double]) = ([], [])
        var memory = 0.0
        for _ in 0..<rounds {
            single.append(try update())
            filled.append(try backfill(&memory))
        }
        report.add(
            Figure(
                database: "SQLite", what: "backfill: speed", against: "one UPDATE",
                value: (single.min() ?? 0) / (filled.min() ?? 1), target: .atLeast(0.8)))
        if memory > 0 {
            report.add(
                Figure(
                    database: "SQLite", what: "backfill: memory of bellows", against: "", value: memory,
                    unit: .mebibytes, target: .atMost(64)))
        }
        try measureWriter(into: &report)
    }

    private func file() throws -> (folder: TemporaryFolder, path: String) {
        let folder = try TemporaryFolder()
        let path = folder.file("backfill.db")
        let connection = try SQLiteConnection(path: path, mode: .create)
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute(
            """
            CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT, kind TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
            INSERT INTO animals SELECT i, 'name of ' || i, 'kind ' || (i % 1000) FROM n;
            PRAGMA wal_checkpoint(TRUNCATE)
            """)
        return (folder, path)
    }

    private func update() throws -> Double {
        let (folder, path) = try file()
        let connection = try SQLiteConnection(path: path)
        try connection.execute("ALTER TABLE animals ADD COLUMN species TEXT")
        let elapsed = try ContinuousClock().measure {
            try connection.execute("UPDATE animals SET species = kind WHERE species IS NOT kind")
        }
        connection.close()
        return withExtendedLifetime(folder) { elapsed / .seconds(1) }
    }

    private func backfill(_ memory: inout Double) throws -> Double {
        let (folder, path) = try file()
        memory = max(memory, try apply(path))
        let elapsed = try SQLiteConnection(path: path).query(
            "SELECT finished_ms - started_ms FROM bellows_steps WHERE step LIKE '%.backfill'"
        ).scalar?.integer
        return withExtendedLifetime(folder) { elapsed.map { Double($0) / 1000 } ?? .infinity }
    }

    private func apply(_ path: String) throws -> Double {
        try Tool("sqlite:" + path, operation: Self.operation).applyMeasuringMemory(["--through", "expand"])
            ?? 0
    }

    private func measureWriter(into report: inout Report) throws {
        let (folder, path) = try file()
        let writer = try Writer(path, rows: rows)
        Thread.sleep(forTimeInterval: 2)
        let start = DispatchTime.now().uptimeNanoseconds
        _ = try apply(path)
        let writes = try writer.finish()
        func longest(_ writes: some Sequence<Writer.Write>) -> Double {
            Double(writes.map { $0.end - $0.start }.max() ?? 0) / 1_000_000
        }
        withExtendedLifetime(folder) {
            report.add(
                Figure(
                    database: "SQLite", what: "backfill: longest write of another process",
                    against: String(format: "quiet: %.1f ms", longest(writes.filter { $0.end < start })),
                    value: longest(writes.filter { $0.end >= start }), unit: .milliseconds,
                    target: .atMost(100)))
        }
    }
}
