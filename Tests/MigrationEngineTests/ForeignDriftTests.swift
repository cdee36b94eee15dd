import DoubleWrite
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// Somebody who holds a table (in SQLite the file) when a step begins, and changes `animals` before letting go, once
/// the step has tried in vain. Used by the thread of the run only, which is the test's.
private final class Somebody: EngineObserver, @unchecked Sendable {
    private let session: any SQLSession
    private let table: String
    private let isDone = Mutex(false)

    init(_ scratch: Scratch, holding table: String) throws {
        session = try scratch.connect()
        self.table = table
    }

    var settings: Settings {
        Settings.alone.with { settings in
            settings.faults.strike = { [self] moment, step in
                guard moment == .beforeStep, step.contains("add-column") else { return }
                try session.execute(
                    session.dialect == .postgres
                        ? "BEGIN; LOCK TABLE \(table) IN ACCESS SHARE MODE" : "BEGIN IMMEDIATE")
            }
        }
    }

    func observe(_ event: EngineEvent) {
        guard case .waitingForLock = event else { return }
        let isFirst = isDone.withLock { done in
            defer { done = true }
            return !done
        }
        guard isFirst else { return }
        try? session.execute("ALTER TABLE animals ADD COLUMN colour text; COMMIT")
    }
}

/// What somebody else changes while a step runs stays drift.
@Suite struct ForeignDriftTests {
    @Test(arguments: Dialect.allCases)
    func isNotRecordedByAStepOnAnotherTable(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        try scratch.run("CREATE TABLE owners (id \(key) PRIMARY KEY, name text)")
        let phone = AddColumn(table: "owners", column: ColumnDefinition(name: "phone", type: "text"))
        let sources = [try Shelter.sources()[1], try MigrationSource("0003", .addColumn(phone))]
        _ = try scratch.engine(.alone).apply([sources[0]], through: .expand)
        let somebody = try Somebody(scratch, holding: "owners")
        let report = try scratch.engine(somebody.settings, somebody).apply(
            sources, names: ["0003"], through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(try scratch.run("SELECT count(phone) FROM owners").scalar == .integer(0))
        let drift = try scratch.engine().status(sources).drift
        #expect(drift.map(\.table) == ["animals"])
        #expect(drift.first?.extra.count == 1)
    }

    /// The table of the step itself is compared with its record inside the transaction.
    @Test(arguments: Dialect.allCases)
    func stopsAStepOnItsOwnTable(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let age = AddColumn(table: "animals", column: ColumnDefinition(name: "age", type: "text"))
        let somebody = try Somebody(scratch, holding: "animals")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(somebody.settings, somebody).apply(
                [MigrationSource("0002", .addColumn(age))], through: .contract)
        }
        #expect(error?.exitCode == 4)
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT age FROM animals") }
    }
}
