import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// What a batch on PostgreSQL finds where it begins, and what is left of it.
@Suite struct BatchTransactionTests {
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

    @Test func isThereWithItsRecordOnly() throws {
        let rows =
            "SELECT (SELECT count(*) FROM animals WHERE name = 'changed'), (SELECT count(*) FROM record)"
        _ = try scratch.run("CREATE TABLE record (page integer CHECK (page > 0))")
        func batch(recording page: Int) throws {
            _ = try start()
            _ = try database.main.query("UPDATE animals SET name = 'changed'")
            try database.commitBatch(recording: "INSERT INTO record VALUES (\(page))")
        }
        #expect(throws: DatabaseFailure.self) { try batch(recording: 0) }
        #expect(database.main.isInTransaction)
        database.rollback()
        #expect(try scratch.run(rows).rows == [[.integer(0), .integer(0)]])
        try batch(recording: 1)
        #expect(!database.main.isInTransaction)
        #expect(try scratch.run(rows).rows == [[.integer(100), .integer(1)]])
    }
}
