import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// A network between the engine and the server that swallows what goes over it: nothing is closed, nothing arrives.
@Suite struct SilenceTests {
    private let direct: String
    private let wire: Wire
    private let session: PostgresSession
    private let sources: [MigrationSource]

    init() throws {
        direct = try ThrowAwayPostgres.makeDatabase()
        wire = try Wire(to: direct)
        session = try PostgresSession(direct, name: "test")
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
        let settings = settings.with { $0.silenceLimit = .milliseconds(200) }
        return try Engine(
            .postgres(wire.location + "&connect_timeout=2"), settings: settings, observer: observer)
    }

    private func expectTheEnd() throws {
        #expect(
            try session.query(
                "SELECT count(*), count(*) FILTER (WHERE species = 'kind ' || id % 7) FROM animals", []
            ).rows == [[500, 500]])
        #expect(try session.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid", []).scalar == 0)
    }

    /// In the first transaction of every step, before it is committed and behind that.
    @Test(arguments: [FaultInjection.Moment.beforeCommit, .afterCommit])
    func aRunSurvives(_ moment: FaultInjection.Moment) throws {
        let wire = wire
        let struck = Mutex<Set<String>>([])
        let settings = Settings.alone.with { settings in
            settings.pacing.workers = 2
            settings.faults.strike = { now, step in
                guard now == moment, !step.isEmpty, struck.withLock({ $0.insert(step).inserted }) else {
                    return
                }
                wire.swallow(.open)
            }
        }
        let recorder = Recorder()
        let report = try engine(settings, recorder).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(struck.withLock(\.count) > 8)
        let losses = recorder.events.compactMap { event in
            if case .connectionLost(let message, _) = event { message } else { nil }
        }
        #expect(losses.count >= struck.withLock(\.count))
        #expect(losses.contains { $0.contains("nothing was heard of the server") }, "\(losses)")
        try expectTheEnd()
    }

    /// The build runs on a connection of its own, and another one holds the lease meanwhile.
    @Test func aBuildThatWaitsIsBegunAgain() throws {
        let old = try PostgresSession(direct, name: "old")
        try old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM animals")
        let wire = wire
        let isOpen = Mutex<PostgresSession.Box?>(PostgresSession.Box(old))
        let observer = EventReaction { event in
            guard case .waitingForTransactions = event else { return }
            isOpen.withLock { open in
                guard let session = open?.session else { return }
                wire.swallow(.open)
                session.close()
                open = nil
            }
        }
        let index = CreateIndex(table: "animals", name: "by_name", keys: [.init(.column("name"))])
        let sources = [try MigrationSource("0003_index", .createIndex(index))]
        let report = try engine(.alone, observer).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(isOpen.withLock { $0 == nil })
        #expect(
            try session.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_name'::regclass", [])
                .scalar == true)
    }

    @Test func whereNothingGetsThroughTheRunEnds() throws {
        let wire = wire
        let settings = Settings.alone.with { settings in
            settings.reconnectTimeout = .milliseconds(400)
            settings.faults.strike = { moment, step in
                if moment == .beforeCommit, step.contains("backfill") { wire.swallow(.all) }
            }
        }
        let error = try #require(
            #expect(throws: EngineError.self) {
                _ = try engine(settings).apply(sources, through: .contract)
            })
        #expect(error.exitCode == 1)
        #expect(error.description.contains("was lost"), "\(error)")
        // The server has ended what was open, although nobody told it to: a writer waits no longer than that.
        let open = """
            SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'bellows/%' AND datname = current_database()
            AND state LIKE 'idle in transaction%'
            """
        let limit = ContinuousClock.now + .seconds(20)
        while try session.query(open, []).scalar != 0 {
            try #require(ContinuousClock.now < limit, "the transaction stays open")
            Thread.sleep(forTimeInterval: 0.01)
        }
        wire.goOn()
        let again = Settings.alone.with { $0.lease = .seconds(30) }
        #expect(try engine(again).apply(sources, through: .contract).exitCode == 0)
        try expectTheEnd()
    }

    /// The second signal comes behind a reconnection: what ends is the connection that there is, not the one that was.
    @Test func theAbortEndsTheConnectionOfNow() throws {
        let struck = Mutex(0)
        let abort = Mutex<RunAbort?>(nil)
        let left = Mutex<SQLValue?>(nil)
        let (wire, direct) = (wire, direct)
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeCommit, !step.isEmpty else { return }
                switch struck.withLock({ count in
                    count += 1
                    return count
                }) {
                case 1: wire.swallow(.open)
                case 3:
                    abort.withLock { $0 }?()
                    let other = try PostgresSession(direct, name: "test")
                    let found = try other.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'bellows/%' "
                            + "AND datname = current_database() AND state = 'idle in transaction'", []
                    ).scalar
                    left.withLock { $0 = found }
                default: break
                }
            }
        }
        let engine = try engine(settings)
        abort.withLock { $0 = engine.abort }
        #expect(try engine.apply(sources, through: .contract).exitCode == 0)
        #expect(left.withLock { $0 } == 0)
        try expectTheEnd()
    }
}

/// Does something at each event.
private final class EventReaction: EngineObserver, Sendable {
    private let react: @Sendable (EngineEvent) -> Void

    init(_ react: @escaping @Sendable (EngineEvent) -> Void) { self.react = react }

    func observe(_ event: EngineEvent) { react(event) }
}

extension PostgresSession {
    /// A session that one thread at a time uses.
    fileprivate final class Box: @unchecked Sendable {
        let session: PostgresSession

        init(_ session: PostgresSession) { self.session = session }
    }
}
