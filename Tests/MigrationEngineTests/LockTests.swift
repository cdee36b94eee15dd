import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// Locks and policies of others: never waited for without limit, never passed over, always named.
@Suite struct LockTests {
    private func database(_ scratch: Scratch) throws -> String {
        try scratch.run("SELECT current_database()").scalar?.text ?? ""
    }

    private func address(_ scratch: Scratch) throws -> String {
        guard case .postgres(let address) = scratch.location else { throw TestSupportError("not a server") }
        return address
    }

    /// Waits until the query answers true.
    private func wait(_ scratch: Scratch, until query: String) throws {
        for _ in 0..<1000 {
            if try scratch.run(query).scalar?.boolean == true { return }
            Thread.sleep(forTimeInterval: 0.01)
        }
        throw TestSupportError("never true: \(query)")
    }

    /// The rows that a policy hides would not be copied, and dropped.
    @Test func refusesToPassOverRowsThatAPolicyHides() throws {
        let scratch = try Scratch(.postgres)
        let database = try database(scratch)
        let role = "owner of \(database)"
        let name = scratch.dialect.quote(role)
        try scratch.run("CREATE ROLE \(name) LOGIN")
        try scratch.run("GRANT ALL ON DATABASE \(scratch.dialect.quote(database)) TO \(name)")
        try scratch.run("GRANT ALL ON SCHEMA public TO \(name)")
        try Shelter.table(scratch, rows: 10)
        try scratch.run("ALTER TABLE animals OWNER TO \(name)")
        try scratch.run("ALTER TABLE animals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        let location = try ThrowAwayPostgres.shared.location(database: database, user: role)
        let engine = try Engine(.postgres(location), settings: .alone, observer: SilentObserver())
        let error = #expect(throws: EngineError.self) {
            _ = try engine.apply([try Shelter.sources()[1]], through: .contract)
        }
        #expect(error?.description.contains("BYPASSRLS") == true)
        #expect(error?.description.contains("NO FORCE ROW LEVEL SECURITY") == true)
        #expect(try scratch.run("SELECT count(kind) FROM animals").scalar == 7)
        // Reads, too.
        try engine.database.beginReading(with: nil)
        #expect(throws: DatabaseFailure.self) {
            _ = try engine.database.session.query("SELECT count(*) FROM animals")
        }
        engine.database.rollback()
        try scratch.run("ALTER TABLE animals NO FORCE ROW LEVEL SECURITY")
        let report = try engine.apply([try Shelter.sources()[1]], through: .contract)
        #expect(report.exitCode == 0)
        #expect(try scratch.run("SELECT count(species) FROM animals").scalar == 7)
    }

    /// A transaction of an application's may build an index: it is open all the same. A concurrent build
    /// cannot be in one.
    @Test func waitsForATransactionThatBuildsAnIndex() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        try scratch.run(
            """
            CREATE FUNCTION public.slow(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN $1; END'
            """)
        let gate = try scratch.connect()
        let engine = try scratch.engine()
        let builds = [
            ("BEGIN; CREATE INDEX a ON animals (slow(name)); COMMIT", true),
            ("CREATE INDEX CONCURRENTLY b ON animals (slow(name))", false),
        ]
        for (statement, isListed) in builds {
            try gate.execute("SELECT pg_advisory_lock(7)")
            let build = BackgroundStatement(statement, at: try address(scratch), name: "app")
            try wait(
                scratch,
                until: """
                    SELECT count(*) > 0 FROM pg_stat_progress_create_index AS i JOIN pg_locks AS l USING (pid)
                    WHERE i.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
                    """)
            let backend = try #require(build.backendID)
            let found = try engine.database.openTransactions()
            #expect(found.keys.contains { $0.processID == backend } == isListed)
            let id = try #require(
                try scratch.run(
                    """
                    SELECT virtualtransaction FROM pg_locks
                    WHERE locktype = 'virtualxid' AND granted AND pid = \(backend)
                    """
                ).scalar?.text)
            let waitedFor = OpenTransaction(id: id, processID: backend)
            #expect(try engine.database.openTransactions(keeping: [waitedFor])[waitedFor] != nil)
            try gate.execute("SELECT pg_advisory_unlock(7)")
            try build.wait {}
        }
    }

    /// It goes on under another name.
    @Test func waitsForATransactionThatIsPreparedMeanwhile() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        let session = try scratch.connect()
        try session.execute("BEGIN; UPDATE animals SET name = name WHERE id = 1")
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        #expect(try scratch.engine().apply(sources, through: .expand).exitCode == 3)
        let name = "late in \(try database(scratch))"
        try session.execute("PREPARE TRANSACTION '\(name)'")
        defer { try? session.execute("ROLLBACK PREPARED '\(name)'") }
        let report = try scratch.engine().apply(sources, through: .expand)
        guard case .transactions(let blockers) = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(blockers.map(\.preparedName) == [name])
    }

    enum Read: CaseIterable {
        case plans, verify, status, apply
    }

    /// Also whoever only looks does not queue for a lock without limit.
    @Test(arguments: Read.allCases)
    func readsGiveUpALock(read: Read) throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        if read != .plans {
            try scratch.engine().attest(Attestation(application: "app"), sources: sources)
            _ = try scratch.engine().apply(sources, through: .expand)
        }
        let holder = try PostgresSession(try address(scratch), name: "holder")
        try holder.execute(
            """
            CREATE INDEX ON animals (lower(name));
            BEGIN; LOCK TABLE animals IN ACCESS EXCLUSIVE MODE
            """)
        let recorder = Recorder()
        let engine = try scratch.engine(.test, recorder)
        let error = #expect(throws: EngineError.self) {
            switch read {
            case .plans: _ = try engine.plans(sources)
            case .verify: _ = try engine.verify(sources)
            case .status: _ = try engine.status(sources)
            case .apply: _ = try engine.apply(sources, through: .contract)
            }
        }
        guard case .lockTimeout(_, 3, let blockers) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(blockers.map(\.processID) == [holder.connection.backendID])
        let waits = recorder.events.filter { if case .waitingForLock = $0 { true } else { false } }
        #expect(waits.count == 2)
        let queued = try scratch.run(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = (SELECT oid FROM pg_class WHERE relname = 'animals')"
        )
        #expect(queued.scalar == 0)
    }

    /// `pg_blocking_pids` names whoever waits in the queue, and 0 for the one that holds the lock.
    @Test func namesThePreparedTransactionAndNotTheQueue() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let name = "forgotten in \(try database(scratch))"
        let session = try scratch.connect()
        try session.execute("BEGIN; SELECT 1 FROM animals; PREPARE TRANSACTION '\(name)'")
        let queued = BackgroundStatement(
            "ALTER TABLE animals ADD COLUMN innocent text", at: try address(scratch), name: "app")
        try wait(
            scratch,
            until: "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'animals'::regclass")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply([try Shelter.sources()[1]], through: .contract)
        }
        try session.execute("ROLLBACK PREPARED '\(name)'")
        try queued.wait {}
        guard case .lockTimeout(_, _, let blockers) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(blockers.map(\.preparedName) == [name])
    }

    /// Before it queues, and everybody else behind it.
    @Test func warnsOfOldTransactionsBeforeItQueues() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let name = "old in \(try database(scratch))"
        let prepared = try scratch.connect()
        try prepared.execute("BEGIN; SELECT 1 FROM animals; PREPARE TRANSACTION '\(name)'")
        defer { try? prepared.execute("ROLLBACK PREPARED '\(name)'") }
        let reader = try PostgresSession(try address(scratch), name: "report")
        try reader.execute("BEGIN; SELECT count(*) FROM animals")
        // Does not stand in the way.
        let other = try PostgresSession(try address(scratch), name: "elsewhere")
        try other.execute("CREATE TABLE others (id int); BEGIN; SELECT count(*) FROM others")
        let recorder = Recorder()
        let impatient = Settings.alone.with { $0.lockTimeout = .milliseconds(1) }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(impatient, recorder).apply([try Shelter.sources()[1]], through: .contract)
        }
        #expect(error?.exitCode == 5)
        let first =
            recorder.events.compactMap { event -> [Blocker]? in
                if case .oldTransactions(_, let blockers) = event { blockers } else { nil }
            }.first ?? []
        #expect(Set(first.map { $0.preparedName ?? $0.application }) == ["report", name])
        let warned = recorder.events.firstIndex { if case .oldTransactions = $0 { true } else { false } }
        let waited = recorder.events.firstIndex { if case .waitingForLock = $0 { true } else { false } }
        #expect(try #require(warned) < #require(waited))
        // What others run is shown, and not kept.
        #expect(error?.description.contains("SELECT count(*) FROM animals") == true)
        let kept = try scratch.run("SELECT count(*) FROM bellows.steps WHERE error LIKE '%SELECT%'").scalar
        #expect(kept == 0)
    }

    /// A concurrent build waits for whatever is open, on whichever table.
    @Test func warnsOfWhatAConcurrentBuildWaitsFor() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let other = try PostgresSession(try address(scratch), name: "elsewhere")
        // The server ends it after a while, so that the build goes on.
        try other.execute(
            "CREATE TABLE others (id int); SET idle_in_transaction_session_timeout = 500")
        try other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try other.execute("SELECT 'ALTER ROLE x PASSWORD s3cret' FROM others")
        let recorder = Recorder()
        let impatient = Settings.alone.with { $0.lockTimeout = .milliseconds(1) }
        let index = CreateIndex(table: "animals", name: "animals_name", keys: [.init(.column("name"))])
        _ = try scratch.engine(impatient, recorder).apply(
            [try MigrationSource("0003_index", .createIndex(index))], through: .contract)
        let warned = recorder.events.compactMap { event -> [Blocker]? in
            if case .oldTransactions(_, let blockers) = event { blockers } else { nil }
        }
        #expect(warned.first?.map(\.application) == ["elsewhere"])
        #expect(!"\(recorder.events)".contains("s3cret"))
    }

    /// A file without a write-ahead log is closed to readers, too, while somebody commits: reading waits as long as
    /// writing would, and no longer.
    @Test func readsPastABusyWriter() throws {
        let scratch = try Scratch(.sqlite)
        try Shelter.table(scratch, rows: 10)
        let patient = Settings.test.with { settings in
            settings.lockTimeout = .milliseconds(10)
            settings.lockAttempts = 1000
        }
        let impatient = try scratch.engine(.test.with { $0.lockTimeout = .milliseconds(10) })
        let writer = try scratch.connect()
        try writer.execute("BEGIN EXCLUSIVE")
        let error = #expect(throws: EngineError.self) {
            _ = try impatient.status([try Shelter.sources()[1]])
        }
        #expect(error?.exitCode == 5)
        try writer.execute("ROLLBACK")

        guard case .sqlite(let path) = scratch.location else { return }
        let isLocked = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let busy = try? SQLiteSession(path: path, mode: .readWrite, busyTimeout: .zero)
            try? busy?.execute("BEGIN EXCLUSIVE")
            isLocked.signal()
            // Longer than one busy timeout, far below the limit.
            Thread.sleep(forTimeInterval: 0.2)
            try? busy?.execute("ROLLBACK")
        }
        isLocked.wait()
        // From the very opening on.
        #expect(
            try scratch.engine(patient).status([try Shelter.sources()[1]]).migrations.map(\.state) == [
                .pending
            ])
    }
}
