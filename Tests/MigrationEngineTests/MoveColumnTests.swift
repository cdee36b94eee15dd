import DoubleWrite
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// A column that moves to another table, by the engine: stopped at every moment, rolled back from every step, and beside
/// writers that are in its way.
@Suite struct MoveColumnTests {
    static let move = MoveColumn(
        table: "animals", column: "chip", toTable: "chips", to: "code",
        join: [.init(source: "id", target: "animal_id")])

    static func sources() throws -> [MigrationSource] {
        [try MigrationSource("0001_move", .moveColumn(move))]
    }

    /// Rows with a value and a row in the other table, with one of them, and with neither.
    static func prepare(_ dialect: Dialect, rows: Int = 40) throws -> Scratch {
        let scratch = try Scratch(dialect)
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        try scratch.session.execute(
            """
            CREATE TABLE animals (id \(key) PRIMARY KEY, name text, chip text);
            CREATE TABLE chips (animal_id \(key) PRIMARY KEY REFERENCES animals ON DELETE CASCADE, maker text);
            """)
        let numbers =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) "
        try scratch.run(
            "\(numbers) INSERT INTO animals SELECT i, 'n' || i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'c' || i END FROM n"
        )
        try scratch.run("\(numbers) INSERT INTO chips SELECT i, 'm' || i FROM n WHERE i % 2 = 0")
        try scratch.engine().attest(Attestation(application: "app"), sources: sources())
        return scratch
    }

    private func values(_ scratch: Scratch, isNew: Bool) throws -> [[SQLValue]] {
        try scratch.run(
            "SELECT id, name, maker, \(isNew ? "code" : "chip") FROM animals LEFT JOIN chips ON animal_id = id ORDER BY id"
        ).rows
    }

    /// Stops a run the first time that it comes to each moment of each step.
    private func strikes() -> Settings {
        let seen = Mutex<Set<String>>([])
        return Settings.test.with { settings in
            settings.faults.strike = { moment, step in
                guard seen.withLock({ $0.insert("\(moment) \(step)").inserted }) else { return }
                throw TestSupportError("struck")
            }
        }
    }

    private func insist(_ body: () throws -> ApplyReport) throws -> ApplyReport {
        for _ in 0..<300 {
            do {
                return try body()
            } catch let error as EngineError {
                guard case .state(let message) = error.reason, message.contains("struck") else { throw error }
            }
        }
        throw TestSupportError("stopped more than 300 times")
    }

    @Test(arguments: Dialect.allCases)
    func resumesAnApply(dialect: Dialect) throws {
        let straight = try Self.prepare(dialect)
        let before = try values(straight, isNew: false)
        _ = try straight.engine().apply(Self.sources(), through: .contract)
        let broken = try Self.prepare(dialect)
        let settings = strikes()
        let report = try insist { try broken.engine(settings).apply(Self.sources(), through: .contract) }
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(try broken.fingerprint() == straight.fingerprint())
        #expect(try values(broken, isNew: true) == before)
        #expect(try values(straight, isNew: true) == before)
    }

    @Test(arguments: Dialect.allCases)
    func rollsBackFromEveryStep(dialect: Dialect) throws {
        let scratch = try Self.prepare(dialect)
        let before = try scratch.fingerprint()
        let rows = try values(scratch, isNew: false)
        let steps = try #require(try scratch.engine().plans(Self.sources()).first).steps.map(\.step)
        for step in steps.prefix(while: \.isReversible).dropFirst() {
            let stop = Settings.test.with { settings in
                settings.faults.strike = { moment, id in
                    if moment == .beforeStep, id == step.id { throw TestSupportError("struck") }
                }
            }
            #expect(throws: EngineError.self) {
                _ = try scratch.engine(stop).apply(Self.sources(), through: .contract)
            }
            let settings = strikes()
            let report = try insist { try scratch.engine(settings).rollback(Self.sources()) }
            #expect(report.migrations.map(\.outcome) == [.rolledBack], "from \(step.id)")
            #expect(try scratch.fingerprint() == before, "rolled back from \(step.id)")
            #expect(try values(scratch, isNew: false) == rows, "rolled back from \(step.id)")
            try scratch.engine().attest(Attestation(application: "app"), sources: Self.sources())
        }
        _ = try scratch.engine().apply(Self.sources(), through: .contract)
        #expect(try values(scratch, isNew: true) == rows)
    }

    /// A transaction that is open while the first batch comes, and commits behind it.
    private func beside(_ scratch: Scratch, _ statements: [String]) throws {
        let location = scratch.location
        let other = Mutex<OpenDatabase?>(nil)
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard step == "1.expand.backfill" else { return }
                if moment == .beforeStep {
                    let database = try DatabaseOpening(
                        location: location, token: "x", busyTimeout: .seconds(1)
                    ).open()
                    try database.session.execute("BEGIN")
                    for statement in statements { try database.session.execute(statement) }
                    other.withLock { $0 = OpenDatabase(database) }
                } else if moment == .afterCommit {
                    try other.withLock { open in
                        try open?.database.session.execute("COMMIT")
                        open = nil
                    }
                }
            }
        }
        _ = try scratch.engine(settings).apply(Self.sources(), through: .expand)
    }

    private final class OpenDatabase: @unchecked Sendable {
        let database: any TargetDatabase
        init(_ database: any TargetDatabase) { self.database = database }
    }

    /// REDTEAM 6: a plain join would write the value that its snapshot has over the one that is being written.
    @Test func aBatchLosesNoDoubleWrite() throws {
        let scratch = try Self.prepare(.postgres)
        try beside(
            scratch,
            [
                "UPDATE animals SET chip = 'v2' WHERE id IN (1, 2)",
                "INSERT INTO chips (animal_id, code) VALUES (1, 'v2'), (2, 'v2') "
                    + "ON CONFLICT (animal_id) DO UPDATE SET code = excluded.code",
            ])
        #expect(
            try scratch.run("SELECT chip, code FROM animals JOIN chips ON animal_id = id WHERE id IN (1, 2)")
                .rows
                == [["v2", "v2"], ["v2", "v2"]])
    }

    /// REDTEAM 6: what is deleted while it is copied stays deleted, in either table.
    @Test func aBatchBringsNothingBack() throws {
        let scratch = try Self.prepare(.postgres)
        try beside(
            scratch,
            [
                "DELETE FROM animals WHERE id = 1", "UPDATE animals SET chip = NULL WHERE id = 2",
                "DELETE FROM chips WHERE animal_id = 2",
            ])
        #expect(try scratch.run("SELECT count(*) FROM chips WHERE animal_id IN (1, 2)").scalar == .integer(0))
    }

    /// REDTEAM 6: an old-only write that is open would be missed by the count, so the expand waits for it.
    @Test func theExpandWaitsForWritersOfTheSource() throws {
        let scratch = try Self.prepare(.postgres)
        try scratch.run("BEGIN")
        try scratch.run("UPDATE animals SET chip = 'open' WHERE id = 1")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(Self.sources(), through: .expand)
        }
        guard case .lockTimeout? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        try scratch.run("COMMIT")
        #expect(try scratch.engine().apply(Self.sources(), through: .expand).exitCode == 0)
        #expect(try scratch.run("SELECT code FROM chips WHERE animal_id = 1").scalar == "open")
    }

    /// The count looks from both sides: a value without a row, and a row without its value.
    @Test(arguments: Dialect.allCases)
    func rowsMissingOnEitherSideHoldTheFlip(dialect: Dialect) throws {
        let scratch = try Self.prepare(dialect)
        _ = try scratch.engine().apply(Self.sources(), through: .expand)
        try scratch.run("UPDATE animals SET chip = 'old only' WHERE id = 3")
        let first = try #require(try scratch.engine().verify(Self.sources()).first)
        #expect(first.counts.map(\.violations) == [1, 0])
        #expect(first.samples.columns == ["id", "chip"])
        try scratch.run("UPDATE animals SET chip = NULL WHERE id = 3")
        // As a deleter leaves it that does not keep to the foreign key.
        if dialect == .sqlite { try scratch.run("PRAGMA foreign_keys = OFF") }
        if dialect == .postgres { try scratch.run("SET session_replication_role = replica") }
        try scratch.run("DELETE FROM animals WHERE id = 4")
        let second = try #require(try scratch.engine().verify(Self.sources()).first)
        #expect(second.counts.map(\.violations) == [0, 1])
        #expect(
            second.samples == ResultSet(columns: ["animal_id", "code"], rows: [[4, "c4"]], affectedRows: 1))
        #expect(try scratch.engine().apply(Self.sources(), through: .transition).exitCode == 3)
    }
}
