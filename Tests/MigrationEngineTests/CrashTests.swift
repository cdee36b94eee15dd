import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// A run that is stopped at every moment that there is, and started again, ends where an uninterrupted one
/// does.
@Suite struct CrashTests {
    /// A table whose old column has all that is carried over.
    private func prepared(_ dialect: Dialect) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(dialect)
        switch dialect {
        case .postgres:
            try scratch.session.execute(
                """
                CREATE TABLE kinds (kind text PRIMARY KEY);
                INSERT INTO kinds VALUES ('dog'), ('cat'), ('none');
                CREATE TABLE animals (id bigint PRIMARY KEY, name text,
                    kind text NOT NULL DEFAULT 'none' REFERENCES kinds ON UPDATE CASCADE,
                    CONSTRAINT known CHECK (kind <> 'x'), UNIQUE (kind, id));
                COMMENT ON COLUMN animals.kind IS 'what it is';
                CREATE INDEX animals_kind ON animals (kind);
                """)
        case .sqlite:
            try scratch.session.execute(
                """
                CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT, kind TEXT NOT NULL DEFAULT 'none');
                CREATE INDEX animals_kind ON animals (kind);
                """)
        }
        for id in 1...40 {
            try scratch.run(
                "INSERT INTO animals (id, name, kind) VALUES (\(id), 'n\(id)', '\(id % 2 == 0 ? "dog" : "cat")')"
            )
        }
        let sources = [try Shelter.sources()[1]]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        return (scratch, sources)
    }

    private func data(_ scratch: Scratch, _ column: String) throws -> [[SQLValue]] {
        try scratch.run("SELECT id, name, \(column) FROM animals ORDER BY id").rows
    }

    @Test(arguments: Dialect.allCases)
    func resumesAnApply(dialect: Dialect) throws {
        let (straight, sources) = try prepared(dialect)
        _ = try straight.engine().apply(sources, through: .contract)
        let (broken, _) = try prepared(dialect)
        let strikes = Strikes()
        let report = try Strikes.insist {
            try broken.engine(strikes.settings).apply(sources, through: .contract)
        }
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(strikes.count > 20)
        #expect(try broken.fingerprint() == straight.fingerprint())
        #expect(try data(broken, "species") == data(straight, "species"))
    }

    /// The steps of the plan, whose number the test's cases are made of.
    private func steps(_ scratch: Scratch, _ sources: [MigrationSource]) throws -> [Step] {
        try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
    }

    @Test(arguments: Dialect.allCases)
    func rollsBackFromEveryPoint(dialect: Dialect) throws {
        let (first, sources) = try prepared(dialect)
        let before = try first.fingerprint()
        let rows = try data(first, "kind")
        let steps = try steps(first, sources)
        let reversible = steps.prefix { $0.isReversible }
        #expect(reversible.count < steps.count)
        for step in reversible.dropFirst() {
            try Self.rollBack(first, sources, stoppedAt: step)
            let after = try first.fingerprint()
            #expect(after == before, "rolled back from \(step.id)")
            #expect(try data(first, "kind") == rows, "rolled back from \(step.id)")
            let state = try first.engine().status(sources).migrations[0].state
            #expect(state == .pending)
            try first.engine().attest(Attestation(application: "app"), sources: sources)
        }
        let report = try first.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(try data(first, "species") == rows)
    }

    /// Applies until right before `step`, then rolls back, stopped at every moment.
    static func rollBack(
        _ scratch: Scratch, _ sources: [MigrationSource], stoppedAt step: Step
    ) throws {
        // A gate that holds is a step as well: the moment before it is the one after the step before.
        let stop = Settings.test.with { settings in
            settings.faults.strike = { moment, id in
                if moment == .beforeStep, id == step.id { throw Strikes.Struck(point: id) }
            }
        }
        #expect(throws: EngineError.self) { _ = try scratch.engine(stop).apply(sources, through: .contract) }
        let strikes = Strikes()
        let report = try Strikes.insist { try scratch.engine(strikes.settings).rollback(sources) }
        #expect(report.migrations.map(\.outcome) == [.rolledBack], "from \(step.id)")
    }

    @Test(arguments: Dialect.allCases)
    func refusesToRollBackADrop(dialect: Dialect) throws {
        let (scratch, sources) = try prepared(dialect)
        _ = try scratch.engine().apply(sources, through: .contract)
        let before = try scratch.fingerprint()
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine().rollback(sources, names: ["0002_species"])
        }
        guard case .irreversible(_, let step, _)? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(step.contains("drop"))
        #expect(try scratch.fingerprint() == before)
    }
}
