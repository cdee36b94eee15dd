import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// What a rollback must not take along.
@Suite struct RollbackTests {
    private func expect(_ words: String, _ body: () throws -> Void) {
        let error = #expect(throws: EngineError.self) { try body() }
        #expect(error?.exitCode == 1)
        #expect(error.map { "\($0)".contains(words) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    private func addColumn(_ name: String, _ column: String, default value: PerDialect? = nil) throws
        -> MigrationSource
    {
        let definition = ColumnDefinition(
            name: column, type: PerDialect(postgres: "integer", sqlite: "INTEGER"), defaultValue: value)
        return try MigrationSource(name, .addColumn(AddColumn(table: "animals", column: definition)))
    }

    /// One in flight as well as one that is finished.
    @Test(arguments: Dialect.allCases, [Phase.expand, .transition])
    func isRefusedUnderALaterMigration(dialect: Dialect, phase: Phase) throws {
        let scratch = try Scratch(dialect)
        let sources = try Shelter.sources()
        _ = try scratch.engine(.alone).apply(sources, through: phase)
        let before = try scratch.fingerprint()
        expect("'0002_species', which came later and touches 'animals' too; roll that back first") {
            _ = try scratch.engine(.alone).rollback(sources, names: ["0001_animals"], discardingData: true)
        }
        #expect(try scratch.fingerprint() == before)
        let report = try scratch.engine(.alone).rollback(sources, names: sources.map(\.migration.name))
        #expect(report.migrations.map(\.outcome) == [.rolledBack, .rolledBack])
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT * FROM animals") }
    }

    /// The later one waits at a gate: the earlier one is left alone.
    @Test(arguments: Dialect.allCases)
    func stopsBehindOneThatWaits(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        let sources = try Shelter.sources()
        _ = try scratch.engine(.alone).apply(sources, through: .transition)
        let report = try scratch.engine().rollback(sources, names: sources.map(\.migration.name))
        #expect(report.migrations.map(\.name) == ["0002_species"])
        try scratch.run("SELECT * FROM animals")
    }

    @Test(arguments: Dialect.allCases)
    func keepsATableThatHasRows(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        let sources = [try Shelter.sources()[0]]
        try Shelter.seed(scratch, rows: 3)
        expect("would drop the table 'animals' with 3 values or rows") {
            _ = try scratch.engine(.alone).rollback(sources, names: ["0001_animals"])
        }
        #expect(try scratch.run("SELECT count(*) FROM animals").scalar == .integer(3))
        let report = try scratch.engine(.alone).rollback(
            sources, names: ["0001_animals"], discardingData: true)
        #expect(report.migrations.map(\.outcome) == [.rolledBack])
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT * FROM animals") }
    }

    /// NULLs and the default are nobody's values.
    @Test(arguments: Dialect.allCases, [PerDialect?.none, PerDialect(postgres: "7", sqlite: "7")])
    func keepsAColumnThatHasValues(dialect: Dialect, value: PerDialect?) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let sources = [try addColumn("0002", "age", default: value)]
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        try scratch.run("UPDATE animals SET age = NULL WHERE id = 2")
        try scratch.run("UPDATE animals SET age = 4 WHERE id = 1")
        expect("would drop column 'age' of 'animals' with 1 value or row") {
            _ = try scratch.engine(.alone).rollback(sources, names: ["0002"])
        }
        try scratch.run("UPDATE animals SET age = NULL WHERE id = 1")
        _ = try scratch.engine(.alone).rollback(sources, names: ["0002"])
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT age FROM animals") }
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        try scratch.run("UPDATE animals SET age = 4")
        _ = try scratch.engine(.alone).rollback(sources, names: ["0002"], discardingData: true)
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT age FROM animals") }
    }

    /// The old column has every value of the new one.
    @Test(arguments: Dialect.allCases)
    func dropsTheCopyOfARename(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let sources = [try Shelter.sources()[1]]
        _ = try scratch.engine(.alone).apply(sources, through: .transition)
        #expect(try scratch.engine(.alone).rollback(sources).migrations.map(\.outcome) == [.rolledBack])
    }

    /// The gate has not opened, and is not taken back: who runs its release already is not asked for.
    @Test(arguments: Dialect.allCases)
    func warnsOfAReleaseThatIsHalfOut(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let sources = [try Shelter.sources()[1]]
        for (conduct, isWarned) in [(Release.Conduct.helper, false), (.both, true)] {
            try scratch.engine().attest(Attestation(application: "app", conduct: conduct), sources: sources)
            let forth = try scratch.engine().apply(sources, through: .transition)
            #expect(forth.exitCode == (isWarned ? 3 : 0))
            let recorder = Recorder()
            _ = try scratch.engine(.test, recorder).rollback(sources, names: ["0002_species"])
            let warnings = recorder.events.filter { event in
                if case .note(let text) = event { text.hasPrefix("warning: this waited") } else { false }
            }
            #expect(warnings.count == (isWarned ? 1 : 0), "\(conduct)")
        }
    }
}
