import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// Concurrent builds and drops that wait for transactions of others: as long as they may, and no longer.
@Suite struct IndexWaitTests {
    private let scratch: Scratch
    private let indexes: [MigrationSource]
    private let other: any SQLSession

    init() throws {
        scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 100)
        try scratch.run("CREATE TABLE visits (id bigint)")
        other = try scratch.connect()
        indexes = [
            try MigrationSource(
                "0002_index",
                .createIndex(CreateIndex(table: "animals", name: "by_name", keys: [.init(.column("name"))]))),
            try MigrationSource("0003_none", .dropIndex(DropIndex(table: "animals", name: "by_name"))),
        ]
    }

    private func apply(_ names: String..., limit: Duration = .seconds(1)) throws -> MigrationReport {
        let settings = Settings.alone.with { $0.pacing.holdLimit = limit }
        let report = try scratch.engine(settings).apply(
            indexes.filter { $0.migration.name <= names[0] }, names: names, through: .contract)
        return try #require(report.migrations.first)
    }

    private func expectHeld(_ report: MigrationReport, by statement: String) throws {
        guard case .waiting(let gates) = report.outcome, gates.count == 1,
            case .held(let reasons) = gates[0].condition, case .transactions(let blockers)? = reasons.first
        else {
            Issue.record("\(report.outcome)")
            return
        }
        #expect(blockers.count == 1)
        #expect(blockers.first?.query?.contains(statement) == true, "\(blockers)")
        #expect(gates[0].description.contains("transactions of others are open: "))
    }

    /// Whether each index of that name is valid.
    private func valid() throws -> [SQLValue] {
        try scratch.run(
            """
            SELECT i.indisvalid FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE c.relname = 'by_name'
            """
        ).rows.map { $0[0] }
    }

    private func isAtWork() throws -> Bool {
        let statements = try scratch.run(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                AND query LIKE '%INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()
            """)
        return statements.scalar != 0
    }

    /// Nothing of it stays where whoever it waited for has no lock on the table.
    @Test func aBuildIsTakenBack() throws {
        try other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM visits")
        try expectHeld(try apply("0002_index"), by: "visits")
        #expect(try valid() == [])
        #expect(try !isAtWork())
        try other.execute("COMMIT")
        #expect(try apply("0002_index").outcome == .finished)
        #expect(try valid() == [true])
    }

    /// What is left behind a lock goes with the next run.
    @Test func aBuildBehindALockIsBegunAnew() throws {
        try other.execute("BEGIN; UPDATE animals SET name = 'new' WHERE id = 1")
        try expectHeld(try apply("0002_index"), by: "UPDATE animals")
        #expect(try valid() == [false])
        #expect(try !isAtWork())
        try other.execute("COMMIT")
        #expect(try apply("0002_index").outcome == .finished)
        #expect(try valid() == [true])
    }

    @Test func aDropGoesOnLater() throws {
        #expect(try apply("0002_index").outcome == .finished)
        try other.execute("BEGIN; SELECT count(*) FROM animals WHERE name = 'x'")
        try expectHeld(try apply("0003_none"), by: "SELECT count(*) FROM animals")
        #expect(try !isAtWork())
        try other.execute("COMMIT")
        #expect(try apply("0003_none").outcome == .finished)
        #expect(try valid() == [])
    }

    /// The limit is of the wait, not of the build.
    @Test func aBuildThatWaitsForShorterGoesOn() throws {
        try other.execute("BEGIN; UPDATE animals SET name = 'new' WHERE id = 1")
        let session = Handover(other)
        let ending = BackgroundWriter {
            Pause.sleep(.milliseconds(1200))
            try session.session.execute("COMMIT")
        }
        #expect(try apply("0002_index", limit: .seconds(30)).outcome == .finished)
        try ending.wait()
        #expect(try valid() == [true])
    }
}

private final class Handover: @unchecked Sendable {
    // Used by one thread at a time.
    let session: any SQLSession
    init(_ session: any SQLSession) { self.session = session }
}
