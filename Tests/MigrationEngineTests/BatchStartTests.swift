import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// What a batch on PostgreSQL finds where it begins.
@Suite struct BatchStartTests {
    private let scratch: Scratch
    private let database: PostgresDatabase
    private let table: PagedTable

    init() throws {
        scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 100)
        _ = try scratch.engine().apply([try Shelter.sources()[1]], through: .expand)
        _ = try scratch.run("UPDATE bellows.lease SET token = 'it''s mine'")
        let opened = try DatabaseOpening(location: scratch.location, token: "x", busyTimeout: .seconds(1))
            .open()
        database = try #require(opened as? PostgresDatabase)
        table = try #require(try database.pagedTables(of: "animals").first)
    }

    private func start(_ token: String = "it's mine") throws -> BatchStart {
        try database.beginBatch(of: table, holding: token, lockTimeout: .milliseconds(100))
    }

    @Test func holdsTheLeaseAndHasANumber() throws {
        let start = try start()
        #expect(start.holdsLease)
        #expect(!start.isRewritten)
        let number = try database.main.query("SELECT pg_current_xact_id()::text::bigint").scalar?.integer
        #expect(start.transaction == number)
        let commit = try database.main.query("SHOW synchronous_commit").scalar
        #expect(commit == "off")
        database.rollback()
    }

    @Test func seesThatAnotherHoldsTheLease() throws {
        #expect(try !start("another").holdsLease)
        database.rollback()
    }

    @Test func seesThatTheTableWasRewritten() throws {
        _ = try scratch.run("CLUSTER animals USING animals_pkey")
        #expect(try start().isRewritten)
        database.rollback()
    }
}
