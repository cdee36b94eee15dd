import DoubleWrite
import DoubleWritePostgres
import Foundation
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// PgBouncer in transaction mode between everybody and the server.
@Suite struct PoolerTests {
    private let direct: String
    private let pooled: String
    private let session: PostgresSession

    init() throws {
        direct = try ThrowAwayPostgres.makeDatabase()
        pooled = try ThrowAwayPooler.location(of: direct)
        session = try PostgresSession(direct, name: "test")
        try session.execute("CREATE TABLE animals (id bigint PRIMARY KEY, name text, kind text)")
        try session.execute(
            "INSERT INTO animals SELECT i, 'name ' || i, 'kind ' || i FROM generate_series(1, 500) AS n(i)")
    }

    private func sources() throws -> [MigrationSource] { [try Shelter.sources()[1]] }

    private func engine(direct: String? = nil, _ settings: Settings = .test) throws -> Engine {
        try Engine(
            .postgres(pooled), settings: settings.with { $0.directDatabase = direct },
            observer: SilentObserver())
    }

    @Test func thePoolerIsNoticed() throws {
        #expect(try PostgresSession(pooled, name: "test").isPooled())
        #expect(try !PostgresSession(direct, name: "test").isPooled())
    }

    /// Whoever gets the session after a concurrent build would wait without limit, too.
    @Test func whatNeedsASessionOfItsOwnIsRefusedBeforeAnythingChanges() throws {
        try session.execute("CREATE INDEX kinds ON animals (kind)")
        let elsewhere = try ThrowAwayPostgres.makeDatabase()
        let cases: [(String?, String)] = [
            (nil, "give the server's own address (--direct-database URL"),
            (pooled, "and so is the one that --direct-database names"),
        ]
        for (direct, words) in cases {
            let error = #expect(throws: EngineError.self) {
                try engine(direct: direct, .alone).apply(sources(), through: .expand)
            }
            #expect(error?.description.contains(words) ?? false, "\(String(describing: error))")
            #expect(try session.query("SELECT count(*) FROM bellows.migrations", []).scalar == 0)
        }
        let error = #expect(throws: EngineError.self) {
            try engine(direct: elsewhere, .alone).apply(sources(), through: .expand)
        }
        #expect(error?.description.contains("names is another database") ?? false)
        #expect(try engine(direct: direct, .alone).apply(sources(), through: .contract).exitCode == 0)
        #expect(
            try session.query("SELECT indexdef FROM pg_indexes WHERE indexname = 'kinds'", []).scalar?.text?
                .contains("(species)") ?? false)
    }

    /// Found before anything is turned, not at the step that needs it; and likewise of a run that goes on.
    @Test func whatIsLeftIsRefusedBeforeItBegins() throws {
        try session.execute("CREATE UNIQUE INDEX kinds ON animals (kind)")
        _ = try engine(direct: direct, .alone).apply(sources(), through: .transition)
        func expectRefusal(_ verb: (Engine) throws -> ApplyReport) throws {
            let before = try session.query("SELECT max(id) FROM bellows.events", []).scalar
            let error = #expect(throws: EngineError.self) { _ = try verb(engine(.alone)) }
            #expect(
                error?.description.contains("nothing was changed; give the server's own address") ?? false)
            // But for the lease, which is taken and given back.
            let events = try session.query(
                "SELECT count(*) FROM bellows.events WHERE id > $1 AND event NOT LIKE 'lease%'",
                [before ?? 0])
            #expect(events.scalar == 0)
        }
        try expectRefusal { try $0.rollback(sources()) }
        #expect(
            try session.query("SELECT direction FROM bellows.migrations", []).scalar?.text == "forward")
        #expect(try engine(direct: direct, .alone).rollback(sources()).exitCode == 0)
        _ = try engine(direct: direct, .alone).apply(sources(), through: .expand)
        // What it needed a session for is done.
        #expect(try engine(.alone).apply(sources(), through: .transition).exitCode == 0)
    }

    /// What the server's sessions are told is for one transaction: the next one to get them finds nothing of it.
    @Test func nothingOfOursStaysInTheServersSessions() throws {
        try session.execute("CREATE INDEX kinds ON animals (kind)")
        #expect(try engine(direct: direct, .alone).apply(sources(), through: .transition).exitCode == 0)
        // All at once, so that each has a session of its own: those that the run had, as far as there are any.
        let others = try (0..<4).map { _ in try PostgresSession(pooled, name: "other") }
        for other in others { try other.execute("BEGIN") }
        var seen: Set<SQLValue> = []
        for other in others {
            let row = try other.query(
                """
                SELECT pg_backend_pid(), current_setting('lock_timeout'), current_setting('statement_timeout'),
                    current_setting('row_security'), current_setting('search_path')
                """, []
            ).rows[0]
            seen.insert(row[0])
            #expect(row.dropFirst() == ["0", "0", "on", "\"$user\", public"])
        }
        #expect(seen.count == others.count)
    }

    /// Applications and the engine, all by way of the pooler, from end to end and back once.
    @Test(arguments: [false, true])
    func noWriteIsLost(isPrepared: Bool) throws {
        let journal = WriteJournal()
        let pooled = pooled
        let writers = (0..<3).map { number in
            BackgroundWriter {
                let writer = try PooledWriter(pooled, isPrepared: isPrepared, number: number)
                while !journal.isDone { try writer.write(journal) }
            }
        }
        defer { journal.finish() }
        let settings = Settings.test.with {
            $0.settleTimeout = .seconds(20)
            $0.lockAttempts = 50
        }
        func until(_ phase: Phase) throws {
            let report = try engine(direct: direct, settings).apply(sources(), through: phase)
            #expect(report.exitCode == 0, "\(report)")
        }
        try engine().attest(Attestation(application: "app"), sources: sources())
        try until(.transition)
        let back = try engine(direct: direct, settings).rollback(sources())
        #expect(back.exitCode == 0, "\(back)")
        try engine().attest(Attestation(application: "app"), sources: sources())
        try until(.contract)
        journal.finish()
        for writer in writers { try writer.wait() }

        let written = journal.all
        #expect(written.count > 30)
        for (id, value) in written {
            let found = try session.query("SELECT species FROM animals WHERE id = $1", [.integer(id)]).scalar
            #expect(found == value.map { .text($0) }, "\(id)")
        }
    }
}

/// An application over a pooler's connection: single statements and transactions, each again where it is told so.
private final class PooledWriter {
    private let helper: DoubleWritePostgres
    private let table = TableDeclaration(
        "animals", columns: ["id": "bigint", "name": "text", "species": "text"], key: ["id"],
        changes: [.renameColumn(from: "kind", to: "species")])
    private let number: Int
    private var count = 0

    init(_ location: String, isPrepared: Bool, number: Int) throws {
        helper = DoubleWritePostgres(try PostgresConnection(location), preparesStatements: isPrepared)
        self.number = number
    }

    func write(_ journal: WriteJournal) throws {
        count += 1
        // Each writer has rows of its own, so that it knows what is in them.
        let ids = [0, 1].map { Int64(1 + (count * 2 + $0) % 160 * 3 + number) }
        let value = "value \(number) \(count)"
        if count.isMultiple(of: 2) {
            try again { try self.update(ids[0], value) }
            journal.note(ids[0], value)
        } else {
            try again { try self.helper.transaction { for id in ids { try self.update(id, value) } } }
            for id in ids { journal.note(id, value) }
        }
    }

    private func update(_ id: Int64, _ value: String) throws {
        try helper.update(table, set: ["species": .text(value)], where: table["id"] == .integer(id))
    }

    /// What the helper could not carry on in the middle of a transaction is begun again.
    private func again(_ body: () throws -> Void) throws {
        for attempt in 1...20 {
            do {
                return try body()
            } catch let error as DoubleWriteError where attempt < 20 && error.isRetryable {
                continue
            }
        }
    }
}
