import DoubleWrite
import DoubleWritePostgres
import Foundation
import MigrationCore
import PostgresDriver
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// The server crashes under a run, and under an application that writes.
@Suite(.serialized) struct RestartTests {
    private let server: ThrowAwayPostgres
    private let location: DatabaseLocation
    private let session: PostgresSession
    private let sources: [MigrationSource]

    init() throws {
        server = try ThrowAwayPostgres()
        let address = try server.makeDatabase()
        location = .postgres(address)
        session = try PostgresSession(address, name: "test")
        sources = [try Shelter.sources()[1]]
        try session.execute(
            """
            CREATE TABLE animals (id bigint PRIMARY KEY, name text, kind text NOT NULL);
            CREATE INDEX animals_kind ON animals (kind);
            INSERT INTO animals SELECT i, 'name ' || i, 'kind ' || i % 7 FROM generate_series(1, 500) AS n(i)
            """)
    }

    private func engine(_ settings: Settings, _ observer: any EngineObserver = SilentObserver()) throws
        -> Engine
    {
        try Engine(location, settings: settings, observer: observer)
    }

    private func query(_ sql: String) throws -> ResultSet {
        guard case .postgres(let address) = location else { return ResultSet() }
        return try PostgresConnection(address).query(sql)
    }

    /// In the first transaction of every step, before it is committed.
    @Test func aRunAndAWriterSurvive() throws {
        let server = server
        let struck = Mutex<Set<String>>([])
        let settings = Settings.test.with { settings in
            settings.settleTimeout = .seconds(20)
            settings.faults.strike = { moment, step in
                guard moment == .beforeCommit, !step.isEmpty, struck.withLock({ $0.insert(step).inserted })
                else { return }
                try server.restart()
            }
        }
        let writer = RestartedWriter(location)
        try engine(.test).attest(Attestation(application: "app"), sources: sources)
        let recorder = Recorder()
        let report = try engine(settings, recorder).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        // What was done before each loss counts.
        #expect(report.migrations[0].stepsRun == recorder.steps.count)
        let restarts = struck.withLock(\.count)
        #expect(restarts > 8)
        let told = recorder.events.filter { if case .connected = $0 { true } else { false } }
        #expect(told.count >= restarts)
        let (written, losses) = try writer.stop()
        #expect(losses > 0)
        #expect(written > 0)
        #expect(try query("SELECT count(*), count(species) FROM animals").rows == [[500, 500]])
        #expect(
            try query("SELECT species FROM animals WHERE id = 1").scalar == .text("written \(written)"))
        let leftovers = try query("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        #expect(leftovers.scalar == 0)
    }

    /// It waits for an old transaction, which the crash ends as well.
    @Test func aConcurrentBuildIsBegunAgain() throws {
        let server = server
        guard case .postgres(let address) = location else { return }
        let old = try PostgresSession(address, name: "old")
        let isOpen = Mutex(false)
        try old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM animals")
        isOpen.withLock { $0 = true }
        let observer = Reaction { event in
            guard case .waitingForTransactions = event,
                isOpen.withLock({ isOpen in
                    defer { isOpen = false }
                    return isOpen
                })
            else { return }
            try? server.restart()
        }
        let index = MigrationSource.index
        let report = try engine(.alone, observer).apply([index()], through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(
            try query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'animals_name'::regclass").scalar
                == true)
    }

    @Test func theTimeIsOverAtTheLimit() throws {
        let server = server
        let limit = Duration.milliseconds(400)
        let isDown = Mutex(false)
        let settings = Settings.alone.with { settings in
            settings.reconnectTimeout = limit
            settings.faults.strike = { moment, step in
                guard moment == .beforeCommit, step.contains("backfill"),
                    isDown.withLock({ isDown in
                        defer { isDown = true }
                        return !isDown
                    })
                else { return }
                try server.stop()
            }
        }
        let start = ContinuousClock.now
        let recorder = Recorder()
        let error = try #require(
            #expect(throws: EngineError.self) {
                _ = try engine(settings, recorder).apply(sources, through: .contract)
            })
        #expect(ContinuousClock.now - start >= limit)
        #expect(error.exitCode == 1)
        #expect(error.description.contains("was lost"), "\(error)")
        #expect(error.description.contains("run the same command again"))
        #expect(recorder.events.contains { if case .connectionLost(_, limit) = $0 { true } else { false } })
        try server.start()
        #expect(try engine(settings).apply(sources, through: .contract).exitCode == 0)
        #expect(try query("SELECT count(species) FROM animals").scalar == 500)
    }

    /// A server that goes down whenever this comes to a certain step is not restarted for ever.
    @Test func aRunThatIsCutAgainAndAgainEnds() throws {
        let location = location
        let count = Mutex(0)
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeCommit, step.contains("backfill") else { return }
                count.withLock { $0 += 1 }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                try other.session.execute(
                    """
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE pid <> pg_backend_pid() AND application_name LIKE 'bellows/%'
                    """)
                other.close()
            }
        }
        let error = #expect(throws: EngineError.self) {
            _ = try engine(settings).apply(sources, through: .contract)
        }
        guard case .connectionLost? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((10...12).contains(count.withLock(\.self)))
        #expect(try engine(.alone).apply(sources, through: .contract).exitCode == 0)
    }

    /// The disk is full in the middle of the backfill; with room the same command goes on.
    @Test func aFullDiskLosesNothing() throws {
        let server = try ThrowAwayPostgres(segments: 1)
        let address = try server.makeDatabase()
        let setUp = try PostgresSession(address, name: "test")
        try setUp.execute(
            """
            CREATE TABLE animals (id bigint PRIMARY KEY, name text, kind text) WITH (autovacuum_enabled = off);
            INSERT INTO animals SELECT i, repeat('n', 100), 'kind ' || i % 7 FROM generate_series(1, 24000) AS n(i)
            """)
        try server.stop()
        // Not a multiple of a page: so the server finds a page half written, as on a disk that is full.
        try server.start(fileLimit: 4 * 2048 + 1)
        let full = try Engine(.postgres(address), settings: .alone, observer: SilentObserver())
        let error = try #require(
            #expect(throws: EngineError.self) { _ = try full.apply(sources, through: .contract) })
        #expect(error.exitCode == 1)
        // From 16 on the server asks the system for room beforehand, and calls what that says of the limit (EFBIG, not
        // ENOSPC) an internal error, with advice of its own.
        switch error.reason {
        case .database(_, "53100", _, _):
            #expect(error.description.contains("make room, and run the same command again"), "\(error)")
        case .database(_, "XX000", _, _):
            #expect(error.description.contains("Check free disk space"), "\(error)")
        default: Issue.record("\(error)")
        }
        #expect(error.step?.contains("backfill") == true)
        full.close()
        try server.stop()
        try server.start()
        let again = try Engine(.postgres(address), settings: .alone, observer: SilentObserver())
        #expect(try again.apply(sources, through: .contract).exitCode == 0)
        let rows = try PostgresConnection(address).query(
            "SELECT count(*), count(*) FILTER (WHERE species = 'kind ' || id % 7) FROM animals"
        ).rows
        #expect(rows == [[24000, 24000]])
    }
}

extension MigrationSource {
    fileprivate static func index() throws -> MigrationSource {
        try MigrationSource(
            "0003_index",
            .createIndex(CreateIndex(table: "animals", name: "animals_name", keys: [.init(.column("name"))])))
    }
}

/// Does something at each event.
private final class Reaction: EngineObserver, Sendable {
    private let react: @Sendable (EngineEvent) -> Void

    init(_ react: @escaping @Sendable (EngineEvent) -> Void) { self.react = react }

    func observe(_ event: EngineEvent) { react(event) }
}

/// An application that writes through the helper, and connects again when its connection is lost.
private final class RestartedWriter: Sendable {
    private struct State {
        var written = 0
        var losses = 0
        var failure: (any Error)?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let done = DispatchSemaphore(value: 0)

    init(_ location: DatabaseLocation) {
        guard case .postgres(let address) = location else { return }
        Thread.detachNewThread { [self] in
            let table = TableDeclaration(
                "animals", columns: ["id": "bigint", "name": "text", "species": "text"], key: ["id"],
                changes: [.renameColumn(from: "kind", to: "species")])
            var helper: DoubleWritePostgres?
            while !state.withLock(\.isStopped) {
                // The server may be down; the next attempt comes soon.
                guard let now = helper ?? (try? DoubleWritePostgres(PostgresConnection(address))) else {
                    continue
                }
                helper = now
                do {
                    try write(table, now)
                } catch let error as DoubleWriteError where error.isConnectionLost && error.isRetryable {
                    state.withLock { $0.losses += 1 }
                    helper = nil
                } catch {
                    state.withLock { $0.failure = error }
                    break
                }
                Thread.sleep(forTimeInterval: 0.005)
            }
            done.signal()
        }
    }

    private func write(_ table: TableDeclaration, _ helper: DoubleWritePostgres) throws {
        let next = state.withLock(\.written) + 1
        try helper.update(table, set: ["species": .text("written \(next)")], where: table["id"] == 1)
        state.withLock { $0.written = next }
    }

    /// How often it wrote, and how often its connection was lost.
    func stop() throws -> (written: Int, losses: Int) {
        state.withLock { $0.isStopped = true }
        guard done.wait(timeout: .now() + 60) == .success else {
            throw TestSupportError("the writer does not end")
        }
        let state = state.withLock(\.self)
        if let failure = state.failure { throw failure }
        return (state.written, state.losses)
    }
}
