import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

@Suite struct StateTests {
    /// Two that start at once on a database without a state: one makes it, the other finds it.
    @Test(arguments: Dialect.allCases)
    func isMadeOnce(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 1)
        let location = scratch.location
        let failures = Mutex<[String]>([])
        let ended = DispatchSemaphore(value: 0)
        let count = 4
        for _ in 0..<count {
            Thread.detachNewThread {
                do {
                    let settings = Settings.test.with { $0.lockAttempts = 30 }
                    let engine = try Engine(location, settings: settings, observer: SilentObserver())
                    try engine.attest(Attestation(application: "app"), sources: [Shelter.sources()[1]])
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
                ended.signal()
            }
        }
        for _ in 0..<count { ended.wait() }
        #expect(failures.withLock { $0 } == [])
        #expect(
            try scratch.run("SELECT count(*) FROM \(scratch.state("attestations"))").scalar == .integer(4))
    }

    @Test(arguments: Dialect.allCases)
    func refusesTheStateOfALaterVersion(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 1)
        try scratch.engine().attest(Attestation(application: "app"), sources: [Shelter.sources()[1]])
        try scratch.run("UPDATE \(scratch.state("meta")) SET value = '99'")
        let error = #expect(throws: EngineError.self) { _ = try scratch.engine().status([]) }
        #expect(error?.description.contains("version 99") == true)
    }

    /// What is attested of a file says nothing of the one that took its place before the migration began.
    @Test(arguments: Dialect.allCases)
    func countsAnAttestationForOneContent(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let before = [try Shelter.sources()[1]]
        try scratch.engine().attest(Attestation(application: "app"), sources: before)
        var after = before
        after[0].checksum = "another"
        for gates in [
            try scratch.engine().apply(after, through: .expand).migrations[0].unmetGates,
            try scratch.engine().status(after).migrations[0].waitsFor,
        ] {
            #expect(gates.first?.description.contains("attested for another content of the file") == true)
        }
        #expect(try scratch.engine().apply(before, through: .expand).exitCode == 0)
        // In flight, what was attested goes on to count.
        #expect(try scratch.engine().apply(before, through: .transition).exitCode == 0)
    }

    /// A finished migration costs a run no statement of its own.
    @Test func passesOverWhatIsFinished() throws {
        let scratch = try Scratch(.postgres)
        func trips(_ count: Int) throws -> Int {
            let sources = try (1...count).map { number in
                var table = Shelter.animals
                table.table = TableName("t\(number)")
                return try MigrationSource("m\(1000 + number)", .createTable(table))
            }
            _ = try scratch.engine(.alone).apply(sources, through: .contract)
            let engine = try scratch.engine(.alone)
            let database = try #require(engine.database as? PostgresDatabase)
            let before = database.main.connection.roundTrips
            _ = try engine.apply(sources, through: .contract)
            return database.main.connection.roundTrips - before
        }
        #expect(try trips(2) == trips(12))
    }

    /// Any role may read the stages and look for markers, and nothing else.
    @Test func letsEveryRoleReadTheStages() throws {
        let scratch = try Scratch(.postgres)
        _ = try scratch.engine(.alone).apply(Shelter.sources(), through: .contract)
        let rights = try scratch.run(
            """
            SELECT has_schema_privilege('pg_monitor', 'bellows', 'USAGE'),
                has_table_privilege('pg_monitor', 'bellows.stages', 'SELECT'),
                has_table_privilege('pg_monitor', 'bellows.stages', 'UPDATE'),
                has_table_privilege('pg_monitor', 'bellows.migrations', 'SELECT')
            """)
        #expect(rights.rows == [[true, true, false, false]])
        #expect(
            try scratch.run("SELECT to_regclass('bellows.\"animals.species@1\"') IS NOT NULL").scalar == true)
    }

    @Test func storesKeysExactly() throws {
        for value: SQLValue in [
            .null, .integer(.max), .real(0.1), .real(-.infinity), "", "a'\"b", .blob([0, 255]),
        ] {
            let text = try StoredJSON.text(StoredValue(value))
            #expect(try StoredJSON.value(StoredValue.self, from: text, what: "a key").value == value)
        }
    }

    @Test func hidesPasswordsInEveryForm() throws {
        for text in [
            "postgres://ann:p@ss/w?rd@host:5432/db?sslmode=require", "postgres://ann:secret@host/db",
            "postgresql://host/db?password=secret", "host=h password=secret dbname=d",
        ] {
            let shown = try DatabaseLocation(text).description
            for secret in ["secret", "@ss", "w?rd", "rd@"] { #expect(!shown.contains(secret), "\(shown)") }
        }
        #expect(try DatabaseLocation("sqlite:///tmp/a.db") == .sqlite(path: "/tmp/a.db"))
        #expect(try DatabaseLocation("a.sqlite3") == .sqlite(path: "a.sqlite3"))
        #expect(throws: LocationError.self) { try DatabaseLocation("mysql://h/d") }
    }
}
