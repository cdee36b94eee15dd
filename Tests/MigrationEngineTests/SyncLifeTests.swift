import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// `sync: trigger` through the engine, with plain SQL writers of both shapes at once.
@Suite struct SyncLifeTests {
    static let split = SplitColumn(
        table: "animals", from: "name",
        to: [
            DerivedColumn(
                definition: ColumnDefinition(name: "given", type: "text"),
                up: PerDialect(
                    postgres: "split_part(name, ' ', 1)",
                    sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)")),
            DerivedColumn(
                definition: ColumnDefinition(name: "family", type: "text"),
                up: PerDialect(
                    postgres: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
                    sqlite: "nullif(substr(name, instr(name || ' ', ' ') + 1), '')")),
        ],
        down: "given || coalesce(' ' || family, '')", sync: .trigger)

    private func prepared(_ dialect: Dialect) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(dialect)
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        if dialect == .sqlite { try scratch.run("PRAGMA journal_mode = WAL") }
        try scratch.run("CREATE TABLE animals (id \(key) PRIMARY KEY, name text)")
        for id in 1...200 {
            try scratch.run("INSERT INTO animals VALUES (\(id), \(id % 7 == 0 ? "NULL" : "'Anna \(id)'"))")
        }
        return (scratch, [try MigrationSource("0002_names", .splitColumn(Self.split))])
    }

    private func attest(_ conduct: Release.Conduct, _ scratch: Scratch, _ sources: [MigrationSource]) throws {
        try scratch.engine().attest(Attestation(application: "app", conduct: conduct), sources: sources)
    }

    private func outcome(_ report: ApplyReport) throws -> MigrationReport.Outcome {
        try #require(report.migrations.first).outcome
    }

    private func waits(_ report: ApplyReport) -> Bool {
        guard case .waiting(let gates)? = report.migrations.first?.outcome,
            case .release? = gates.first?.condition
        else { return false }
        return true
    }

    @Test(
        "nothing is lost and both shapes agree, there, back, there, further, back and to the end",
        arguments: Dialect.allCases)
    func life(dialect: Dialect) throws {
        let (scratch, sources) = try prepared(dialect)
        let settings = Settings.test.with { $0.lockAttempts = 200 }
        func engine() throws -> Engine { try scratch.engine(settings) }
        let crew = SyncCrew(scratch, size: 4)
        defer { crew.stop() }
        crew.write(200)
        // There, back, there.
        #expect(try outcome(engine().apply(sources, through: .expand)) == .reached(next: .transition))
        crew.write(200)
        #expect(try outcome(engine().rollback(sources)) == .rolledBack)
        crew.write(100)
        #expect(try outcome(engine().apply(sources, through: .expand)) == .reached(next: .transition))
        // Releases of both shapes.
        #expect(try waits(engine().apply(sources, through: .transition)))
        crew.speak([.old, .new])
        crew.write(600)
        crew.speak([.new])
        try attest(.new, scratch, sources)
        #expect(try outcome(engine().apply(sources, through: .transition)) == .reached(next: .contract))
        crew.write(100)
        // And all the way back, which the releases go first.
        #expect(try waits(engine().rollback(sources)))
        crew.speak([.new, .old])
        crew.write(300)
        crew.speak([.old])
        try attest(.both, scratch, sources)
        #expect(try outcome(engine().rollback(sources)) == .rolledBack)
        crew.write(100)
        // To the end.
        #expect(try waits(engine().apply(sources, through: .transition)))
        crew.speak([.old, .new])
        crew.write(200)
        crew.speak([.new])
        try attest(.new, scratch, sources)
        #expect(try outcome(engine().apply(sources, through: .contract)) == .finished)
        crew.write(100)
        crew.stop()
        #expect(crew.complaints == [])
        for (id, row) in crew.rows {
            let found = try scratch.run("SELECT given, family FROM animals WHERE id = \(id)").rows
            #expect(found == [[.text(row.given), row.family.map { .text($0) } ?? .null]], "\(id)")
        }
        #expect(
            try scratch.run("SELECT count(*) FROM animals WHERE id > 999").scalar
                == .integer(Int64(crew.rows.count)))
        #expect(try scratch.run("SELECT count(family) FROM animals WHERE id < 999").scalar == .integer(172))
    }

    /// A change, and the columns that it begins and ends with.
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
                    name: "split", dialect: dialect, operation: .splitColumn(SyncLifeTests.split),
                    olds: "name",
                    news: "given, family"),
                Case(
                    name: "rename", dialect: dialect,
                    operation: .renameColumn(
                        RenameColumn(table: "animals", from: "name", to: "title", sync: .trigger)),
                    olds: "name", news: "title"),
                Case(
                    name: "type", dialect: dialect,
                    operation: .changeType(
                        ChangeType(table: "animals", column: "id2", type: "text", sync: .trigger)),
                    olds: "id2", news: "id2"),
            ]
        }
    }

    private func preparedToEnd(_ example: Case) throws -> (Scratch, [MigrationSource], Settings) {
        let (scratch, _) = try prepared(example.dialect)
        try scratch.run("ALTER TABLE animals ADD COLUMN id2 integer")
        try scratch.run("UPDATE animals SET id2 = id * 2")
        try scratch.run("CREATE INDEX by_id2 ON animals (id2)")
        return (scratch, [try MigrationSource("0002_shape", example.operation)], .test)
    }

    private func data(_ scratch: Scratch, _ columns: String) throws -> [[SQLValue]] {
        try scratch.run("SELECT id, \(columns) FROM animals ORDER BY id").rows
    }

    /// Runs until nothing is left to do, and attests whatever is waited for.
    private func insist(
        _ scratch: Scratch, _ sources: [MigrationSource], _ body: () throws -> ApplyReport
    ) throws -> ApplyReport {
        for _ in 0..<10 {
            let report = try Strikes.insist { try body() }
            guard case .waiting(let gates)? = report.migrations.first?.outcome,
                case .release(let missing)? = gates.first?.condition, let needs = missing.first?.needs
            else { return report }
            try attest(needs, scratch, sources)
        }
        throw EngineError(.state(message: "waits for ever"))
    }

    @Test("stopped at every moment, it comes to the same end", arguments: Case.all)
    func resumesAnApply(example: Case) throws {
        let (straight, sources, settings) = try preparedToEnd(example)
        let end = try insist(straight, sources) {
            try straight.engine(settings).apply(sources, through: .contract)
        }
        #expect(try outcome(end) == .finished)
        let (broken, _, _) = try preparedToEnd(example)
        let strikes = Strikes()
        let report = try insist(broken, sources) {
            try broken.engine(strikes.settings).apply(sources, through: .contract)
        }
        #expect(try outcome(report) == .finished)
        #expect(strikes.count > 15)
        #expect(try broken.fingerprint() == straight.fingerprint())
        #expect(try data(broken, example.news) == data(straight, example.news))
        #expect(try data(broken, example.news).count == 200)
    }

    @Test(
        "rolled back from every step, and stopped at every moment of that, it is as before",
        arguments: Case.all)
    func rollsBackFromEveryPoint(example: Case) throws {
        let (scratch, sources, settings) = try preparedToEnd(example)
        let before = try scratch.fingerprint()
        let rows = try data(scratch, example.olds)
        let steps = try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
        let last = try #require(steps.firstIndex { !$0.isReversible })
        for step in steps[1..<last] where !step.isGate {
            let stop = settings.with { $0.noWriters = true }.with {
                $0.faults.strike = { moment, id in
                    if id == step.id, moment == .beforeStep { throw Strikes.Struck(point: id) }
                }
            }
            #expect(throws: EngineError.self) {
                _ = try scratch.engine(stop).apply(sources, through: .contract)
            }
            let strikes = Strikes()
            let report = try insist(scratch, sources) {
                try scratch.engine(strikes.settings).rollback(sources)
            }
            #expect(try outcome(report) == .rolledBack)
            #expect(try scratch.fingerprint() == before, "rolled back from \(step.id)")
            #expect(try data(scratch, example.olds) == rows, "rolled back from \(step.id)")
        }
    }

    @Test("a trigger that somebody took away is drift", arguments: Dialect.allCases)
    func missingTrigger(dialect: Dialect) throws {
        let (scratch, sources) = try prepared(dialect)
        _ = try scratch.engine().apply(sources, through: .expand)
        let name = "bellows_sync"
        switch dialect {
        case .postgres: try scratch.run("ALTER TABLE animals DISABLE TRIGGER \"~\(name)_animals.name\"")
        case .sqlite: try scratch.run("DROP TRIGGER `\(name):animals.name:update-old`")
        }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine().apply(sources, through: .transition)
        }
        #expect(error?.exitCode == 4)
        #expect(error.map { "\($0)".contains(name) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(
        "what disagrees between the shapes' defaults is told before anything runs",
        arguments: Dialect.allCases)
    func defaultsThatDisagree(dialect: Dialect) throws {
        let (scratch, _) = try prepared(dialect)
        try scratch.run("ALTER TABLE animals ADD COLUMN euros integer DEFAULT 3")
        let cents = ChangeColumn(
            table: "animals", from: "euros", to: "cents", type: "integer", defaultValue: "3",
            up: "euros * 100",
            down: "cents / 100", isLossyDown: true, sync: .trigger)
        let before = try scratch.fingerprint()
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(
                [try MigrationSource("0003", .changeColumn(cents))], through: .expand)
        }
        #expect(
            error.map { "\($0)".contains("declare as default what 'up' makes of the old one") } == true,
            "\(error.map { "\($0)" } ?? "")")
        #expect(try scratch.fingerprint() == before)
        var right = cents
        right.defaultValue = "300"
        let report = try scratch.engine(.alone).apply(
            [try MigrationSource("0003", .changeColumn(right))], through: .contract)
        #expect(try outcome(report) == .finished)
    }
}
