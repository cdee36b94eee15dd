import DoubleWrite
import MigrationCore
import Testing

@testable import MigrationEngine

/// What the new columns will refuse of the rows, or will not give back of them, is counted before anything changes.
@Suite struct CountedBeforehandTests {
    /// A unique index that is of expressions, or has a condition, is on the new column as well.
    @Test(arguments: [
        ("(lower(\"the code\"))", [Int64(3)]), ("(\"the code\") WHERE id <> 3", [2]),
        ("USING btree (lower(\"the code\") DESC, (id > 0)) INCLUDE (id) WHERE (\"the code\" <> 'x')", [3]),
        ("(\"the code\", (id % 2)) WHERE id <> 3", [2]),
    ])
    func aCarriedUniqueIndex(_ keys: String, _ expected: [Int64]) throws {
        let scratch = try Scratch(.postgres)
        try scratch.session.execute(
            """
            CREATE TABLE animals (id integer PRIMARY KEY, "the code" text);
            INSERT INTO animals VALUES (1, 'abcx'), (2, 'xyz'), (3, 'abcy'), (5, 'abcz'), (6, NULL), (7, NULL);
            """)
        try scratch.run("CREATE UNIQUE INDEX codes ON animals \(keys)")
        let before = try scratch.fingerprint()
        let source = try MigrationSource(
            "0002",
            .changeType(
                ChangeType(
                    table: "animals", column: "the code", type: "varchar(3)", up: "left(\"the code\", 3)",
                    down: "\"the code\"", isLossyDown: true)))
        let report = try scratch.engine(.alone).apply([source], through: .contract)
        guard case .violations(let found)? = report.migrations.first?.unmetGates.first?.condition else {
            Issue.record("it does not wait: \(report)")
            return
        }
        #expect(found.counts.map(\.violations) == expected, "\(found.counts)")
        #expect(found.counts.map(\.name) == ["'codes' is unique"])
        #expect(try scratch.fingerprint() == before)
        try scratch.run("UPDATE animals SET \"the code\" = id || 'q'")
        #expect(try scratch.engine(.alone).apply([source], through: .contract).exitCode == 0)
        let index = try scratch.run("SELECT pg_get_indexdef('codes'::regclass)").scalar?.text ?? ""
        #expect(index.contains("UNIQUE INDEX codes"))
    }

    /// Where the file says that something may be lost, the rows that lose it are told and stop nothing.
    @Test(arguments: Dialect.allCases, [MigrationCore.Sync.doubleWrite, .trigger])
    func whatIsForgotten(_ dialect: Dialect, _ sync: MigrationCore.Sync) throws {
        let scratch = try Scratch(dialect)
        try scratch.run("CREATE TABLE animals (id integer PRIMARY KEY, kept text)")
        try scratch.run("INSERT INTO animals VALUES (1, '1'), (2, '01'), (3, NULL), (4, '007')")
        let source = try MigrationSource(
            "0002",
            .changeColumn(
                ChangeColumn(
                    table: "animals", from: "kept", to: "number", type: "integer",
                    up: "CAST(kept AS integer)",
                    down: "CAST(number AS text)", isLossyDown: true, sync: sync)))
        let observer = Recorder()
        let told = EngineEvent.note("kept = down(up(kept)) does not hold in 2 of 4 rows of 'animals'")
        let waiting = try scratch.engine(.test, observer).apply([source], through: .transition)
        if sync == .doubleWrite {
            // Before the migration begins, and while its file can still be edited.
            #expect(waiting.exitCode == 3)
            #expect(observer.events.contains(told), "\(observer.events)")
        }
        let running = Recorder()
        let report = try scratch.engine(.alone, running).apply([source], through: .expand)
        #expect(report.exitCode == 0)
        #expect((observer.events + running.events).contains(told))
        // It is no violation of what must hold now.
        #expect(try scratch.engine().verify([source]).allSatisfy(\.holds))
        #expect(try scratch.engine(.alone).apply([source], through: .contract).exitCode == 0)
        #expect(try scratch.run("SELECT number FROM animals ORDER BY id").rows.count == 4)
        let evidence = try scratch.engine().status([source]).migrations[0].evidence
        #expect(evidence.contains { $0.counts.map(\.violations) == [2] })
    }

    @Test(arguments: Dialect.allCases) func nothingForgottenNothingTold(_ dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try scratch.run("CREATE TABLE animals (id integer PRIMARY KEY, kept text)")
        try scratch.run("INSERT INTO animals VALUES (1, '1'), (3, NULL)")
        let source = try MigrationSource(
            "0002",
            .changeColumn(
                ChangeColumn(
                    table: "animals", from: "kept", to: "number", type: "integer",
                    up: "CAST(kept AS integer)",
                    down: "CAST(number AS text)", isLossyDown: true)))
        let observer = Recorder()
        #expect(try scratch.engine(.alone, observer).apply([source], through: .expand).exitCode == 0)
        #expect(
            !observer.events.contains { if case .note = $0 { true } else { false } }, "\(observer.events)")
    }
}
