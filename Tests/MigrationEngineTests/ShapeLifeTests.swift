import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// Changes of shape through the engine: stopped at every moment, taken back from every step.
@Suite struct ShapeLifeTests {
    /// A change of a shelter's animals.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialect: Dialect
        var operation: MigrationCore.Operation
        var olds: String
        var news: String

        var testDescription: String { "\(dialect.rawValue): \(name)" }

        static let all: [Case] = Dialect.allCases.flatMap { dialect in
            [
                Case(
                    name: "split", dialect: dialect, operation: .splitColumn(split), olds: "name",
                    news: "word, number"),
                Case(
                    name: "type", dialect: dialect,
                    operation: .changeType(
                        ChangeType(
                            table: "animals", column: "age",
                            type: PerDialect(postgres: "bigint", sqlite: "TEXT"))),
                    olds: "age", news: "age"),
            ]
        }

        static let split = SplitColumn(
            table: "animals", from: "name",
            to: [
                DerivedColumn(
                    definition: ColumnDefinition(name: "word", type: "text"),
                    up: "substr(name, 1, length(name) - 3)"),
                DerivedColumn(
                    definition: ColumnDefinition(name: "number", type: "integer"),
                    up: "CAST(substr(name, length(name) - 2) AS integer)"),
            ],
            down: PerDialect(
                postgres: "word || lpad(CAST(number AS text), 3, '0')",
                sqlite: "word || substr('00' || number, -3)"))
    }

    private func prepared(_ example: Case) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(example.dialect)
        let key = example.dialect == .postgres ? "bigint" : "INTEGER"
        try scratch.run("CREATE TABLE animals (id \(key) PRIMARY KEY, name text, age integer)")
        try scratch.run("CREATE INDEX ages ON animals (age)")
        for id in 1...30 {
            let name = id % 7 == 0 ? "NULL" : "'name \(100 + id)'"
            try scratch.run("INSERT INTO animals VALUES (\(id), \(name), \(id % 5))")
        }
        let sources = [try MigrationSource("0002_shape", example.operation)]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        return (scratch, sources)
    }

    private func data(_ scratch: Scratch, _ columns: String) throws -> [[SQLValue]] {
        try scratch.run("SELECT id, \(columns) FROM animals ORDER BY id").rows
    }

    @Test(arguments: Case.all)
    func resumesAnApply(example: Case) throws {
        let (straight, sources) = try prepared(example)
        _ = try straight.engine().apply(sources, through: .contract)
        let (broken, _) = try prepared(example)
        let strikes = Strikes()
        let report = try Strikes.insist {
            try broken.engine(strikes.settings).apply(sources, through: .contract)
        }
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(strikes.count > 20)
        #expect(try broken.fingerprint() == straight.fingerprint())
        #expect(try data(broken, example.news) == data(straight, example.news))
    }

    @Test(arguments: Case.all)
    func rollsBackFromEveryPoint(example: Case) throws {
        let (scratch, sources) = try prepared(example)
        let before = try scratch.fingerprint()
        let rows = try data(scratch, example.olds)
        let steps = try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
        let last = try #require(steps.firstIndex { !$0.isReversible })
        for step in steps[1...last] where step.kind != .release {
            try CrashTests.rollBack(scratch, sources, stoppedAt: step)
            #expect(try scratch.fingerprint() == before, "rolled back from \(step.id)")
            #expect(try data(scratch, example.olds) == rows, "rolled back from \(step.id)")
            try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        }
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    /// A row that does not survive: the file may still be edited, and nothing has begun.
    @Test(arguments: Dialect.allCases, [false, true])
    func rowsThatDoNotSurviveStopItBeforeItBegins(dialect: Dialect, isAlone: Bool) throws {
        let example = try #require(Case.all.first { $0.dialect == dialect })
        let (scratch, sources) = try prepared(example)
        try scratch.run("INSERT INTO animals VALUES (99, 'x +1', 1)")
        let before = try scratch.fingerprint()
        let report = try scratch.engine(isAlone ? .alone : .test).apply(sources, through: .contract)
        guard case .violations(let found)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(found.counts.map(\.name) == ["name = down(up(name))"])
        #expect(found.counts.map(\.violations) == [1])
        #expect(found.samples.columns == ["id", "name", "new word", "new number", "name again"])
        #expect(found.samples.rows.first?.last == .text("x001"))
        #expect(try scratch.fingerprint() == before)
        let status = try scratch.engine().status(sources)
        #expect(status.migrations[0].state == .pending)
    }

    /// Undo without loss ends before both-read-new, and a rollback says so before it does anything.
    @Test(arguments: Dialect.allCases)
    func aLossyWayBackIsToldOf(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let column = ColumnDefinition(name: "shout", type: "text")
        let sources = [
            try MigrationSource(
                "0002_shape",
                .mergeColumns(
                    MergeColumns(
                        table: "animals",
                        from: [
                            MergedColumn(name: "name", down: "CAST(substr(shout, 1, 6) AS text)"),
                            MergedColumn(name: "kind", down: "nullif(substr(shout, 8, 3), '')"),
                        ],
                        to: DerivedColumn(
                            definition: column, up: "name || coalesce('/' || kind, '')"),
                        isLossyDown: true)))
        ]
        let plan = try #require(try scratch.engine().plans(sources).first)
        #expect(plan.warnings.contains { $0.contains("ends before 'both-read-new'") })
        _ = try scratch.engine(.alone).apply(sources, through: .transition)
        try scratch.run("UPDATE animals SET shout = 'name 2/catfish' WHERE id = 2")
        let stopped = try scratch.engine(.alone).rollback(sources)
        guard case .violations(let found)? = stopped.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(stopped)")
            return
        }
        #expect(found.counts.map(\.violations) == [1])
        #expect(found.samples.rows.first?.last == .text("name 2/cat"))
        let done = try scratch.engine(.alone).rollback(sources, discardingData: true)
        #expect(done.migrations.map(\.outcome) == [.rolledBack])
        #expect(
            try scratch.run("SELECT name, kind FROM animals WHERE id = 2").rows
                == [[.text("name 2"), .text("cat")]])
    }
}
