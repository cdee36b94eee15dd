import DoubleWrite
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// A transaction that was open at a flip holds the next one, and is named.
@Suite struct SettlingTests {
    private func blockers(_ report: ApplyReport) throws -> [Blocker] {
        #expect(report.exitCode == 3)
        let gate = try #require(report.migrations.first?.unmetGates.first)
        guard case .transactions(let blockers) = gate.condition else {
            Issue.record("\(gate)")
            return []
        }
        return blockers
    }

    @Test func waitsForExactlyThoseThatWereOpen() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        guard case .postgres(let address) = scratch.location else { return }
        let first = try PostgresSession(address, name: "old release")
        try first.execute("BEGIN; SELECT 1")
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)

        let waiting = try blockers(scratch.engine().apply(sources, through: .expand))
        #expect(waiting.map(\.application) == ["old release"])
        #expect(waiting.map(\.state) == ["idle in transaction"])
        #expect(waiting.first?.processID == first.connection.backendID)
        let status = try scratch.engine().status(sources)
        #expect(status.migrations[0].waitsFor.count == 1)
        let missing = try scratch.run("SELECT 1 FROM pg_attribute WHERE attname = 'species'").rows
        #expect(missing.isEmpty)

        // Somebody who began after the list was taken has seen the attested release: not waited for, here.
        let second = try PostgresSession(address, name: "newcomer")
        try second.execute("BEGIN; SELECT 1")
        try first.execute("COMMIT")
        let atBackfill = try blockers(scratch.engine().apply(sources, through: .expand))
        #expect(atBackfill.map(\.application) == ["newcomer"])
        #expect(try scratch.run("SELECT stage, settled FROM bellows.stages").rows == [["both", false]])

        try second.execute("COMMIT")
        let done = try scratch.engine().apply(sources, through: .expand)
        #expect(done.migrations[0].outcome == .reached(next: .transition))
        #expect(try scratch.run("SELECT stage, settled FROM bellows.stages").rows == [["both", true]])
    }

    @Test func everyFlipWaits() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        _ = try scratch.engine().apply(sources, through: .expand)
        guard case .postgres(let address) = scratch.location else { return }
        var stages: [String] = []
        // Each flip finds a transaction that was open at the one before.
        for _ in 0..<2 {
            let straggler = try PostgresSession(address, name: "straggler")
            let settings = Settings.test.with { settings in
                settings.faults.strike = { moment, step in
                    if moment == .afterCommit, step.contains("flip") { throw TestSupportError("stop") }
                }
            }
            _ = try? scratch.engine(settings).apply(sources, through: .transition)
            try straggler.execute("BEGIN; SELECT 1")
            stages.append(try scratch.run("SELECT stage FROM bellows.stages").scalar?.text ?? "")
            _ = try blockers(scratch.engine().apply(sources, through: .contract))
            stages.append(try scratch.run("SELECT stage FROM bellows.stages").scalar?.text ?? "")
        }
        #expect(stages == ["both-read-new", "both-read-new", "new", "new"])
    }

    @Test func theTimeIsOverAtTheLimit() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 1)
        let sources = [try Shelter.sources()[1]]
        guard case .postgres(let address) = scratch.location else { return }
        let open = try PostgresSession(address, name: "open")
        try open.execute("BEGIN; SELECT 1")
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        let recorder = Recorder()
        let limit = Duration.milliseconds(60)
        let start = ContinuousClock.now
        let report = try scratch.engine(.test.with { $0.settleTimeout = limit }, recorder).apply(
            sources, through: .expand)
        #expect(ContinuousClock.now - start >= limit)
        let waiting = try blockers(report)
        #expect(waiting.map(\.application) == ["open"])
        let told = recorder.events.compactMap { event in
            if case .waitingForTransactions(let blockers) = event { blockers.map(\.processID) } else { nil }
        }
        #expect(told == [[open.connection.backendID]])
        // Without writers there is nobody to wait for.
        let alone = try scratch.engine(.alone).apply(sources, through: .expand)
        #expect(alone.exitCode == 0)
    }

    /// It survives its session, and may be committed at any time.
    @Test func waitsForAPreparedTransaction() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        let name = "prepared in \(try scratch.run("SELECT current_database()").scalar?.text ?? "")"
        let session = try scratch.connect()
        try session.execute(
            "BEGIN; UPDATE animals SET name = name WHERE id = 1; PREPARE TRANSACTION '\(name)'")
        defer { try? session.execute("ROLLBACK PREPARED '\(name)'") }
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        let waiting = try blockers(scratch.engine().apply(sources, through: .expand))
        #expect(waiting.map(\.preparedName) == [name])
        #expect(waiting.map(\.processID) == [nil])
        #expect(try scratch.run("SELECT 1 FROM pg_attribute WHERE attname = 'species'").rows.isEmpty)
        try session.execute("COMMIT PREPARED '\(name)'")
        #expect(try scratch.engine().apply(sources, through: .expand).exitCode == 0)
    }

    /// A role that owns the tables, and may see nothing of what others do.
    @Test func anOrdinaryRoleSeesWhoItWaitsFor() throws {
        let scratch = try Scratch(.postgres)
        let (role, location) = try scratch.owner()
        try Shelter.table(scratch, rows: 10)
        try scratch.run("ALTER TABLE animals OWNER TO \(scratch.dialect.quote(role))")
        let isOrdinary = try scratch.run(
            """
            SELECT NOT rolsuper AND NOT pg_has_role(oid, 'pg_monitor', 'MEMBER')
                AND NOT pg_has_role(oid, 'pg_read_all_stats', 'MEMBER') FROM pg_roles WHERE rolname = $1
            """, .text(role))
        #expect(isOrdinary.scalar == .boolean(true))
        let sources = [try Shelter.sources()[1]]
        guard case .postgres(let address) = scratch.location else { return }
        // Of the superuser, which the role may not look at.
        let open = try PostgresSession(address, name: "open")
        try open.execute("BEGIN; SELECT 1")
        func engine(_ settings: Settings) throws -> Engine {
            try Engine(location, settings: settings, observer: SilentObserver())
        }
        try engine(.test).attest(Attestation(application: "app"), sources: sources)
        let waiting = try blockers(engine(.test).apply(sources, through: .expand))
        #expect(waiting.map(\.processID) == [open.connection.backendID])
        #expect(waiting.first?.query == nil)
        #expect(try scratch.run("SELECT 1 FROM pg_attribute WHERE attname = 'species'").rows.isEmpty)

        // The same one holds a lock, too.
        try open.execute("COMMIT; BEGIN; LOCK TABLE animals IN ACCESS EXCLUSIVE MODE")
        let error = #expect(throws: EngineError.self) {
            _ = try engine(.alone).apply(sources, through: .expand)
        }
        guard case .lockTimeout(_, 3, let holders) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holders.map(\.processID) == [open.connection.backendID])
        try open.execute("COMMIT")

        // A runner of the same role was killed, and its server process is gone.
        try scratch.run(
            """
            UPDATE bellows.lease SET token = 'held', host = 'elsewhere', process = 1, holder = 'ann',
                backend = 99999999, backend_start = '1', since_ms = 0, expires_ms = 9000000000000
            """)
        let report = try engine(.test).apply(sources, through: .contract)
        #expect(report.exitCode == 0 || report.exitCode == 3)
        #expect(try scratch.run("SELECT token FROM bellows.lease").scalar == .null)
    }
}

extension Scratch {
    /// An ordinary role that may create what it likes in this database, and how it connects.
    fileprivate func owner() throws -> (role: String, location: DatabaseLocation) {
        let database = try run("SELECT current_database()").scalar?.text ?? ""
        let role = "ordinary of \(database)"
        let name = dialect.quote(role)
        try run("CREATE ROLE \(name) LOGIN NOSUPERUSER")
        try run("GRANT ALL ON DATABASE \(dialect.quote(database)) TO \(name)")
        try run("GRANT ALL ON SCHEMA public TO \(name)")
        return (role, .postgres(try ThrowAwayPostgres.shared.location(database: database, user: role)))
    }
}
