import DoubleWrite
import Foundation
import PostgresDriver
import TestSupport

/// How fast `bellows` fills a new column of a million rows, against one UPDATE and against batches by key, and what a writer
/// notices of it.
struct PostgresBackfill {
    var rows = 1_000_000
    var rounds = 2
    var writerRounds = 9

    private static let update = "UPDATE animals SET mass = weight WHERE mass IS DISTINCT FROM weight"
    private static let operation = "rename_column: { table: animals, from: weight, to: mass }"

    func measure(into report: inout Report) throws {
        try setUp()
        var (single, keys, one, two): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        var memory = 0.0
        for _ in 0..<rounds {
            single.append(try timed { _ = try $0.execute(Self.update) })
            keys.append(try timed { try batches($0) })
            one.append(try backfill(["--workers", "1"], &memory))
            two.append(try backfill(["--workers", "2"], &memory))
        }
        func add(
            _ what: String, _ against: String, _ baseline: [Double], _ subject: [Double], _ target: Double
        ) {
            report.add(
                Figure(
                    database: "Postgres", what: "backfill, \(what): speed", against: against,
                    value: (baseline.min() ?? 0) / (subject.min() ?? 1), target: .atLeast(target)))
        }
        add("1 worker", "one UPDATE", single, one, 0.9)
        add("2 workers", "one UPDATE", single, two, 1.2)
        add("2 workers", "batches of 1,000 keys", keys, two, 2)
        if memory > 0 {
            report.add(
                Figure(
                    database: "Postgres", what: "backfill: memory of bellows", against: "",
                    value: memory, unit: .mebibytes, target: .atMost(64)))
        }
        try measureWriter(into: &report)
    }

    // MARK: - Speed

    private func table() throws -> (connection: PostgresConnection, location: String) {
        let location = try ThrowAwayPostgres.makeDatabase()
        let connection = try PostgresConnection(location)
        _ = try connection.execute(
            """
            CREATE TABLE animals (id bigint PRIMARY KEY, note text, weight integer) WITH (autovacuum_enabled = off);
            INSERT INTO animals SELECT i, md5(i::text), i % 1000 FROM generate_series(1, \(rows)) AS i
            """)
        return (connection, location)
    }

    /// As everybody finds it who is timed.
    private func settle(_ connection: PostgresConnection) throws {
        _ = try connection.execute("VACUUM ANALYZE animals")
        _ = try connection.execute("CHECKPOINT")
    }

    private func timed(_ body: (PostgresConnection) throws -> Void) throws -> Double {
        let (connection, location) = try table()
        defer { try? ThrowAwayPostgres.shared.dropDatabase(location) }
        _ = try connection.execute("ALTER TABLE animals ADD COLUMN mass integer")
        try settle(connection)
        let elapsed = try ContinuousClock().measure { try body(connection) }
        connection.close()
        return elapsed / .seconds(1)
    }

    /// What most tools do: a batch of keys, its end found first.
    private func batches(_ connection: PostgresConnection) throws {
        var last: Int64 = 0
        while true {
            let end = try connection.query(
                """
                WITH batch AS (SELECT id FROM animals WHERE id > $1 ORDER BY id LIMIT 1000 FOR NO KEY UPDATE),
                    done AS (UPDATE animals AS a SET mass = a.weight FROM batch
                        WHERE a.id = batch.id AND a.mass IS DISTINCT FROM a.weight)
                SELECT max(id) FROM batch
                """, [.integer(last)]
            ).scalar?.integer
            guard let end else { return }
            last = end
        }
    }

    /// The time of the backfill's step, by its record: with its count at the end.
    private func backfill(_ options: [String], _ memory: inout Double) throws -> Double {
        let (connection, location) = try table()
        defer { try? ThrowAwayPostgres.shared.dropDatabase(location) }
        try settle(connection)
        let tool = try Tool(location, operation: Self.operation)
        memory = max(memory, try tool.applyMeasuringMemory(["--through", "expand"] + options) ?? 0)
        let elapsed = try connection.query(
            "SELECT finished_ms - started_ms FROM bellows.steps WHERE step LIKE '%.backfill'"
        ).scalar?.integer
        connection.close()
        return elapsed.map { Double($0) / 1000 } ?? .infinity
    }

    // MARK: - What a writer notices

    /// How much slower the slowest hundredth of the writes is, and the longest write, beside something, against what they
    /// are with nothing beside them.
    private struct Notice {
        var ratios: [Double] = []
        var longest = 0.0
        var quiet = 0.0
    }

    /// A writer with a limited rate, first alone and then beside the backfill; and beside a session that computes and touches
    /// no table: what it notices of that, it notices of the processor.
    private func measureWriter(into report: inout Report) throws {
        try warmUp()
        let backfill = try notice { location, _ in
            try Tool(location, operation: Self.operation).apply(["--through", "expand"])
        }
        let computing = try notice { _, connection in
            _ = try connection.execute("SELECT count(md5(i::text)) FROM generate_series(1, 6000000) AS i")
        }
        report.add(
            Figure(
                database: "Postgres", what: "backfill: p99 of a write beside it",
                against: "the same without", value: backfill.ratios.median, target: .atMost(1.5)))
        report.add(
            Figure(
                database: "Postgres", what: "p99 of a write beside a session that computes",
                against: "the same without", value: computing.ratios.median))
        report.add(
            Figure(
                database: "Postgres", what: "backfill: longest write beside it",
                against: String(format: "quiet: %.1f ms", backfill.quiet), value: backfill.longest,
                unit: .milliseconds, target: .atMost(100)))
    }

    private func notice(_ body: (String, PostgresConnection) throws -> Void) throws -> Notice {
        var notice = Notice()
        for _ in 0..<writerRounds {
            let (connection, location) = try table()
            defer { try? ThrowAwayPostgres.shared.dropDatabase(location) }
            try settle(connection)
            let writer = try PostgresWriter(location, rows: rows)
            Thread.sleep(forTimeInterval: 5)
            let start = writer.count
            try body(location, connection)
            let latencies = try writer.finish()
            let (quiet, beside) = (latencies.prefix(start), latencies.dropFirst(start))
            notice.ratios.append(Array(beside).quantile(0.99) / max(Array(quiet).quantile(0.99), 0.001))
            notice.longest = max(notice.longest, beside.max() ?? 0)
            notice.quiet = max(notice.quiet, quiet.max() ?? 0)
            connection.close()
        }
        return notice
    }

    // MARK: - The server

    /// With room in memory for the table, as the manual has it (a quarter of the machine's); the tests' servers have little.
    /// <https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS>
    private func setUp() throws {
        let connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase())
        _ = try connection.execute("ALTER SYSTEM SET shared_buffers = '1GB'")
        _ = try connection.execute("ALTER SYSTEM SET min_wal_size = '512MB'")
        connection.close()
        try ThrowAwayPostgres.shared.restart()
    }

    /// A server that has run for a while takes files of its write-ahead log that it has used before. One that has not fills
    /// each new one with zeros first, 16 MiB, and every write waits for that.
    private func warmUp() throws {
        let (connection, location) = try table()
        defer { try? ThrowAwayPostgres.shared.dropDatabase(location) }
        _ = try connection.execute(
            "CREATE TABLE log AS SELECT repeat(md5(i::text), 3) FROM generate_series(1, 4000000) AS i")
        for _ in 0..<2 { _ = try connection.execute("CHECKPOINT") }
        connection.close()
    }
}
