import DoubleWrite
import MigrationCore
import PostgresDriver
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// Tables whose rows are in partitions, with names that break whatever pastes them.
@Suite struct PartitionTests {
    private static let table = TableName("the \"animals\"; --")
    private static let quoted = "\"the \"\"animals\"\"; --\""

    private func scratch() throws -> Scratch {
        let scratch = try Scratch(.postgres)
        let quoted = Self.quoted
        try scratch.session.execute(
            """
            CREATE TABLE \(quoted) (
                id bigint, "ki""nd" text NOT NULL DEFAULT 'cat', note text, PRIMARY KEY (id),
                CONSTRAINT "short' one" CHECK (length("ki""nd") < 100)) PARTITION BY RANGE (id);
            CREATE TABLE "p 'one'" PARTITION OF \(quoted) FOR VALUES FROM (0) TO (100);
            CREATE TABLE "\(HostileNames.longMultibyte)" PARTITION OF \(quoted) FOR VALUES FROM (100) TO (1000)
                PARTITION BY RANGE (id);
            CREATE TABLE "select" PARTITION OF "\(HostileNames.longMultibyte)" FOR VALUES FROM (100) TO (200);
            CREATE TABLE "100%" PARTITION OF "\(HostileNames.longMultibyte)" DEFAULT;
            CREATE INDEX "by ki""nd" ON \(quoted) ("ki""nd" text_pattern_ops, id DESC) WHERE note IS NULL;
            INSERT INTO \(quoted) SELECT i, 'kind ' || i % 7 FROM generate_series(1, 300) AS n(i)
            """)
        return scratch
    }

    private static let rename = RenameColumn(table: table, from: "ki\"nd", to: "spe`cies")

    private func sources(_ operation: MigrationCore.Operation = .renameColumn(rename)) throws
        -> [MigrationSource]
    {
        [try MigrationSource("0002_partitions", operation)]
    }

    /// Everything is valid, and each partition has its part of each index.
    private func expectWhole(_ scratch: Scratch, indexes: Int) throws {
        #expect(try scratch.run("SELECT count(*) FROM pg_index WHERE NOT indisvalid").scalar == 0)
        let parts = try scratch.run(
            """
            SELECT c.relname, count(i.indexrelid) FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indrelid = c.oid
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace GROUP BY 1
            """)
        for row in parts.rows { #expect(row[1] == .integer(Int64(indexes)), "\(row)") }
        let single = try scratch.run(
            """
            SELECT count(*) FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
                JOIN pg_class AS t ON t.oid = i.indrelid
            WHERE t.relispartition AND NOT c.relispartition
            """)
        #expect(single.scalar == 0, "an index of a partition is on its own")
    }

    /// It comes between two batches, with rows of its own.
    @Test func aPartitionThatComesMeanwhileIsFilledAndHasItsIndex() throws {
        let scratch = try scratch()
        let location = scratch.location
        let isMade = Mutex(false)
        let settings = Settings.alone.with { settings in
            settings.faults.batchSize = 1
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill"),
                    isMade.withLock({ isMade in
                        defer { isMade = true }
                        return !isMade
                    })
                else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                defer { other.close() }
                try other.session.execute(
                    """
                    CREATE TABLE "犬 late" (LIKE \(Self.quoted) INCLUDING ALL);
                    INSERT INTO "犬 late" (id, "ki""nd") SELECT i, 'late' FROM generate_series(1000, 1100) AS n(i);
                    ALTER TABLE \(Self.quoted) ATTACH PARTITION "犬 late" FOR VALUES FROM (1000) TO (2000)
                    """)
            }
        }
        let report = try scratch.engine(settings).apply(sources(), through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(isMade.withLock { $0 })
        #expect(
            try scratch.run(
                "SELECT count(*), count(*) FILTER (WHERE \"spe`cies\" = CASE WHEN id < 1000 THEN 'kind ' || id % 7 "
                    + "ELSE 'late' END) FROM \(Self.quoted)"
            ).rows == [[401, 401]])
        try expectWhole(scratch, indexes: 2)
        let definition = try scratch.run(
            "SELECT pg_get_indexdef('\"by ki\"\"nd\"'::regclass)"
        ).scalar?.text
        #expect(definition?.contains("(\"spe`cies\" text_pattern_ops, id DESC) WHERE (note IS NULL)") == true)
        // And once more: the names of the parts that were there are taken.
        let back = RenameColumn(table: Self.table, from: "spe`cies", to: "ki\"nd")
        let again = try sources() + [MigrationSource("0003_back", .renameColumn(back))]
        #expect(try scratch.engine(.alone).apply(again, through: .contract).exitCode == 0)
        try expectWhole(scratch, indexes: 2)
    }

    @Test func resumesFromEveryMoment() throws {
        let straight = try scratch()
        _ = try straight.engine(.alone).apply(sources(), through: .contract)
        let broken = try scratch()
        let strikes = Strikes()
        let report = try Strikes.insist {
            try broken.engine(strikes.settings.with { $0.noWriters = true }).apply(
                sources(), through: .contract)
        }
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(strikes.count > 20)
        #expect(try broken.fingerprint() == straight.fingerprint())
        try expectWhole(broken, indexes: 2)
    }

    @Test func rollsBackFromEveryPoint() throws {
        let scratch = try scratch()
        let before = try scratch.fingerprint()
        let sources = try sources()
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        let steps = try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
        let last = try #require(steps.firstIndex { !$0.isReversible })
        for step in steps[1...last] where step.kind != .release {
            try CrashTests.rollBack(scratch, sources, stoppedAt: step)
            #expect(try scratch.fingerprint() == before, "rolled back from \(step.id)")
            try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        }
    }

    private static func index(_ columns: String..., unique: Bool = false) -> MigrationCore.Operation {
        .createIndex(
            CreateIndex(
                table: table, name: "new \"one\"", keys: columns.map { .init(.column($0)) }, isUnique: unique)
        )
    }

    @Test(arguments: [false, true])
    func anIndexIsBuiltPartByPart(isUnique: Bool) throws {
        let scratch = try scratch()
        let before = try scratch.fingerprint()
        let sources = try sources(
            isUnique ? Self.index("note", "id", unique: true) : Self.index("note"))
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        try expectWhole(scratch, indexes: 3)
        #expect(
            try scratch.run(
                "SELECT indisunique FROM pg_index WHERE indexrelid = '\"new \"\"one\"\"\"'::regclass"
            ).scalar == .boolean(isUnique))
        #expect(try scratch.engine(.alone).rollback(sources, names: ["0002_partitions"]).exitCode == 0)
        #expect(try scratch.fingerprint() == before)
    }

    /// As a run leaves it that was killed: announced, and one part built and attached.
    @Test(arguments: [true, false])
    func aBuildThatWasKilledIsFinishedOrTakenBack(isFinished: Bool) throws {
        let scratch = try scratch()
        let before = try scratch.fingerprint()
        let sources = try sources(Self.index("note"))
        let isKilled = Mutex(false)
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeCommit, step.contains("create-index") else { return }
                isKilled.withLock { $0 = true }
                throw TestSupportError("killed")
            }
        }
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(settings).apply(sources, through: .contract)
        }
        #expect(isKilled.withLock { $0 })
        for sql in [
            "DROP INDEX \"new \"\"one\"\"\"",
            "CREATE INDEX \"new \"\"one\"\"\" ON ONLY \(Self.quoted) (note)",
            "CREATE INDEX \"p 'one'_new \"\"one\"\"\" ON \"p 'one'\" (note)",
            "ALTER INDEX \"new \"\"one\"\"\" ATTACH PARTITION \"p 'one'_new \"\"one\"\"\"",
            "CREATE INDEX \"100%_other\" ON \"100%\" (note)",
        ] { try scratch.run(sql) }
        if isFinished {
            try scratch.run("DROP INDEX \"100%_other\"")
            #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
            try expectWhole(scratch, indexes: 3)
        } else {
            #expect(try scratch.engine(.alone).rollback(sources, names: ["0002_partitions"]).exitCode == 0)
            // What is not of this is left alone.
            try scratch.run("DROP INDEX \"100%_other\"")
            #expect(try scratch.fingerprint() == before)
        }
    }

    /// It would go with the old column, and nobody would make it again.
    @Test func whatOnlyOnePartitionHasStopsAChange() throws {
        let scratch = try scratch()
        try scratch.run("CREATE INDEX \"100%_other\" ON \"100%\" (\"ki\"\"nd\")")
        let before = try scratch.fingerprint()
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(sources(), through: .contract)
        }
        #expect(
            error?.description.contains("the partition's own 'index public.\"100%_other\"' uses 'ki\"nd'")
                ?? false, "\(String(describing: error))")
        #expect(try scratch.fingerprint() == before)
    }

    @Test func aUniqueIndexNeedsThePartitionKey() throws {
        let scratch = try scratch()
        let before = try scratch.fingerprint()
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(
                sources(Self.index("ki\"nd", unique: true)), through: .contract)
        }
        #expect(error?.description.contains("add 'id'") ?? false, "\(String(describing: error))")
        #expect(try scratch.fingerprint() == before)
    }

    // MARK: - Triggers

    /// What knows the old shape only writes: into the table, into a partition, over the border of two, and into one that came
    /// later.
    private func writeOld(_ scratch: Scratch) throws {
        try scratch.session.execute(
            """
            INSERT INTO \(Self.quoted) (id, "ki""nd") VALUES (400, 'into the table');
            INSERT INTO "p 'one'" (id, "ki""nd") VALUES (0, 'into a partition');
            UPDATE "select" SET "ki""nd" = 'in a partition' WHERE id = 150;
            UPDATE \(Self.quoted) SET id = 900, "ki""nd" = 'over the border' WHERE id = 5;
            CREATE TABLE "犬 late" PARTITION OF \(Self.quoted) FOR VALUES FROM (1000) TO (2000);
            INSERT INTO "犬 late" (id, "ki""nd") VALUES (1000, 'into a new one')
            """)
    }

    private func differing(_ scratch: Scratch) throws -> SQLValue? {
        try scratch.run(
            "SELECT count(*) FROM \(Self.quoted) WHERE \"ki\"\"nd\" IS DISTINCT FROM \"spe`cies\""
        ).scalar
    }

    @Test func aGuardHealsAndCountsInEveryPartition() throws {
        let scratch = try scratch()
        let sources = try sources(
            .renameColumn(RenameColumn(table: Self.table, from: "ki\"nd", to: "spe`cies", isGuarded: true)))
        func attest() throws {
            try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        }
        try attest()
        #expect(try scratch.engine().apply(sources, through: .transition).exitCode == 0)
        try writeOld(scratch)
        #expect(try differing(scratch) == 0)
        #expect(
            try scratch.run(
                "SELECT \"spe`cies\" FROM \(Self.quoted) WHERE id IN (0, 150, 400, 900, 1000) ORDER BY id"
            )
            .rows.map { $0[0] } == [
                "into a partition", "in a partition", "into the table", "over the border", "into a new one",
            ])
        let held = try scratch.engine().apply(sources, through: .contract)
        #expect(held.migrations[0].unmetGates.first?.strays.map(\.writes) == [5])
        try attest()
        #expect(try scratch.engine().apply(sources, through: .contract).migrations[0].outcome == .finished)
        #expect(try scratch.run("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").scalar == 0)
        try expectWhole(scratch, indexes: 2)
    }

    @Test func triggersKeepBothShapesInEveryPartition() throws {
        let scratch = try scratch()
        let before = try scratch.fingerprint()
        let sources = try sources(
            .renameColumn(RenameColumn(table: Self.table, from: "ki\"nd", to: "spe`cies", sync: .trigger)))
        #expect(try scratch.engine().apply(sources, through: .expand).exitCode == 0)
        try writeOld(scratch)
        try scratch.session.execute(
            """
            INSERT INTO \(Self.quoted) (id, "spe`cies") VALUES (401, 'new');
            UPDATE "p 'one'" SET "spe`cies" = 'new' WHERE id = 7;
            UPDATE \(Self.quoted) SET id = 1500, "spe`cies" = 'new' WHERE id = 120
            """)
        #expect(try differing(scratch) == 0)
        #expect(
            try scratch.run("SELECT count(*) FROM \(Self.quoted) WHERE \"ki\"\"nd\" = 'new'").scalar == 3)
        #expect(try scratch.rollBack(sources).migrations[0].outcome == .rolledBack)
        try scratch.run("DROP TABLE \"犬 late\"")
        #expect(try scratch.fingerprint() == before)
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        #expect(try scratch.run("SELECT count(\"spe`cies\") FROM \(Self.quoted)").scalar == 302)
        #expect(try scratch.run("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal").scalar == 0)
    }
}
