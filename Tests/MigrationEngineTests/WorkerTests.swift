import DoubleWrite
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// Several connections that fill one table.
@Suite struct WorkerTests {
    private let sources: [MigrationSource]

    init() throws { sources = [try Shelter.sources()[1]] }

    private static let rows = 20_000

    /// Small batches and no table too small for a worker.
    private var settings: Settings {
        Settings.alone.with { settings in
            settings.pacing.workers = 4
            settings.pacing.pagesForWorker = 1
            settings.pacing.sizes = 4...8
            settings.pacing.batchTime = .milliseconds(5)
        }
    }

    private func left(_ scratch: Scratch) throws -> SQLValue? {
        try scratch.run("SELECT count(*) FROM animals WHERE kind IS DISTINCT FROM species").scalar
    }

    @Test(
        "Half of the cores are left to others",
        arguments: [(1, 1), (2, 1), (3, 1), (4, 2), (7, 3), (8, 4), (64, 4)])
    func usual(_ cores: Int, _ workers: Int) { #expect(Pacing.usualWorkers(cores: cores) == workers) }

    /// Each row once: the record says as many as were written.
    @Test func shareTheTable() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: Self.rows)
        let names = Mutex<Set<String>>([])
        let location = scratch.location
        let watched = settings.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeCommit, step.contains("backfill") else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                defer { other.close() }
                let rows = try other.session.query(
                    "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'UPDATE%ctid%'"
                ).rows
                names.withLock { $0.formUnion(rows.compactMap { $0[0].text }) }
            }
        }
        let report = try scratch.engine(watched).apply(sources, through: .expand)
        #expect(report.migrations[0].rows == 13_334)
        #expect(try left(scratch) == 0)
        #expect(names.withLock { $0.count } > 1, "one connection did it all")
    }

    /// Stopped at any commit, by any worker, again and again: the rows add up, and none is left.
    @Test func goOnWhereTheyWereStopped() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: Self.rows)
        var rows: Int64 = 0
        for round in 0..<40 {
            let count = Mutex(0)
            let stopped = settings.with { settings in
                settings.faults.strike = { moment, step in
                    guard moment == (round % 2 == 0 ? .afterCommit : .beforeCommit), step.contains("backfill")
                    else { return }
                    let number = count.withLock { count in
                        count += 1
                        return count
                    }
                    if number > 5 { throw TestSupportError("stop") }
                }
            }
            let report = try? scratch.engine(stopped).apply(sources, through: .expand)
            let recorded = try scratch.engine().status(sources).migrations[0].rows
            #expect(recorded >= rows)
            rows = recorded
            #expect(
                try scratch.run("SELECT count(species) FROM animals").scalar == .integer(rows),
                "round \(round)")
            if report != nil { break }
        }
        _ = try scratch.engine(settings).apply(sources, through: .expand)
        #expect(try scratch.engine().status(sources).migrations[0].rows == 13_334)
        #expect(try left(scratch) == 0)
    }

    @Test func beginAgainAfterARewrite() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: Self.rows)
        let location = scratch.location
        let isDone = Mutex(0)
        let settings = settings.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill"),
                    isDone.withLock({ count in
                        count += 1
                        return count == 6
                    })
                else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                defer { other.close() }
                try other.session.execute("CLUSTER animals USING animals_pkey")
            }
        }
        _ = try scratch.engine(settings).apply(sources, through: .expand)
        #expect(try left(scratch) == 0)
        #expect(isDone.withLock { $0 } > 6)
    }

    /// A runner that was replaced: none of its workers writes any more.
    @Test func stopWithTheLease() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: Self.rows)
        let location = scratch.location
        let count = Mutex(0)
        let settings = settings.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill"),
                    count.withLock({ count in
                        count += 1
                        return count == 4
                    })
                else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                defer { other.close() }
                try other.session.execute("UPDATE bellows.lease SET token = 'another'")
            }
        }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(settings).apply(sources, through: .expand)
        }
        #expect(error?.exitCode == 5)
        let written = try scratch.run("SELECT count(species) FROM animals").scalar
        #expect(written?.integer ?? 0 < 13_334)
        // The steps that were recorded are those that were committed.
        #expect(
            try scratch.run("SELECT row_count FROM bellows.steps WHERE step LIKE '%backfill'").scalar
                == written)
    }

    /// Whoever holds a row is stepped around, and nobody waits behind a batch for it.
    @Test func stepAroundLockedRows() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: Self.rows)
        let holder = try scratch.connect()
        try scratch.run("ALTER TABLE animals ADD COLUMN other text")
        let location = scratch.location
        let isHeld = Mutex(false)
        let settings = settings.with { settings in
            settings.lockTimeout = .milliseconds(200)
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill"),
                    isHeld.withLock({ isHeld in
                        defer { isHeld = true }
                        return !isHeld
                    })
                else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                try other.session.execute(
                    "BEGIN; SELECT 1 FROM animals WHERE id IN (7000, 14000, 19999) FOR UPDATE")
                BackgroundRelease.later(other)
            }
        }
        _ = try scratch.engine(settings).apply(sources, through: .expand)
        #expect(try left(scratch) == 0)
        holder.close()
    }

    /// By the pages of each partition; and rows that hang on no key.
    @Test func fillPartitionsAndTablesWithoutAKey() throws {
        let scratch = try Scratch(.postgres)
        try scratch.session.execute(
            """
            CREATE TABLE "many ""visits" (at integer, kind text, species text) PARTITION BY RANGE (at);
            CREATE TABLE first PARTITION OF "many ""visits" FOR VALUES FROM (0) TO (5000);
            CREATE TABLE later PARTITION OF "many ""visits" FOR VALUES FROM (5000) TO (20000) PARTITION BY RANGE (at);
            CREATE TABLE "later 1" PARTITION OF later FOR VALUES FROM (5000) TO (10000);
            CREATE TABLE "rest" PARTITION OF later DEFAULT;
            INSERT INTO "many ""visits" SELECT i, 'dog' FROM generate_series(0, 14999) AS i
            """)
        let table = TableName("many \"visits")
        let backfill = Backfill(
            table: table, assignments: "species = kind", mismatch: "species IS DISTINCT FROM kind", key: [])
        let work = BackfillWork(
            backfill: backfill, step: Step(id: "s", title: "t", action: .backfill(backfill)),
            place: StepPlace(migration: "m", run: 1, ordinal: 0, phase: .expand, step: "s"))
        for stop in [1, 3, 1000] {
            let count = Mutex(0)
            let engine = try scratch.engine(
                settings.with { settings in
                    settings.faults.strike = { moment, _ in
                        let number = count.withLock { count in
                            count += 1
                            return count
                        }
                        if number == stop { throw TestSupportError("stop") }
                    }
                })
            try engine.prepareToWrite()
            let saved = try engine.store.savedStep(work.place)
            _ = try? engine.leased { _ = try engine.runner.backfill(work, saved) }
        }
        #expect(try scratch.run("SELECT count(species) FROM \"many \"\"visits\"").scalar == 15_000)
        #expect(try scratch.run("SELECT row_count FROM bellows.steps").scalar == 15_000)
    }

    /// Two changes of one file: each row is written once for both, and both steps are recorded.
    @Test(arguments: Dialect.allCases)
    func fillTwoColumnsInOnePass(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 5000)
        let rename = RenameColumn(table: "animals", from: "name", to: "called")
        let source = try MigrationSource("0002_both", .renameColumn(Shelter.rename), .renameColumn(rename))
        let count = Mutex(0)
        let watched = settings.with { settings in
            settings.pacing.sizes = 5000...5000
            settings.faults.strike = { moment, step in
                if moment == .beforeCommit, step == "1.expand.backfill" { count.withLock { $0 += 1 } }
                #expect(step != "2.expand.backfill", "a pass of its own")
            }
        }
        let report = try scratch.engine(watched).apply([source], through: .expand)
        #expect(report.migrations[0].rows == 5000)
        let differing = "kind IS DISTINCT FROM species OR name IS DISTINCT FROM called".in(dialect)
        #expect(try scratch.run("SELECT count(*) FROM animals WHERE \(differing)").scalar == 0)
        let recorded = try scratch.run(
            "SELECT status FROM \(scratch.state("steps")) WHERE step LIKE '%.expand.backfill'"
        ).rows
        #expect(recorded == [["done"], ["done"]])
        #expect(count.withLock { $0 } > 0)
        #expect(try scratch.engine(.alone).apply([source], through: .contract).exitCode == 0)
    }

    /// A trigger of the table's own fires, once for each row, in whatever connection.
    @Test func fireTheTablesOwnTriggers() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 5000)
        try scratch.session.execute(
            """
            ALTER TABLE animals ADD COLUMN version integer NOT NULL DEFAULT 1;
            CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := NEW.version + 1; RETURN NEW; END $$;
            CREATE TRIGGER bump BEFORE UPDATE ON animals FOR EACH ROW EXECUTE FUNCTION bump()
            """)
        let plan = try scratch.engine().plans(sources)
        let said = plan[0].warnings.filter { $0.contains("may fire for every row that the backfill writes") }
        #expect(said.count == 1 && said[0].contains("bump"), "\(plan[0].warnings)")
        _ = try scratch.engine(settings).apply(sources, through: .expand)
        #expect(try left(scratch) == 0)
        #expect(try scratch.run("SELECT count(*) FROM animals WHERE version = 2").scalar == 3334)
    }
}

/// Gives back what a test holds, a while later.
enum BackgroundRelease {
    static func later(_ database: any TargetDatabase) {
        let release = Release(database)
        _ = BackgroundWriter {
            Pause.sleep(.milliseconds(300))
            release.database.rollback()
            release.database.close()
        }
    }

    private final class Release: @unchecked Sendable {
        // Handed over to one thread, and used by nobody else.
        let database: any TargetDatabase
        init(_ database: any TargetDatabase) { self.database = database }
    }
}

extension StateStore {
    /// What is recorded of a step of a run that has no plan.
    func savedStep(_ place: StepPlace) throws -> StepRecord? {
        let row = try run(
            "SELECT progress, row_count FROM {steps} WHERE migration = $1", .text(place.migration)
        ).rows.first
        return row.map {
            StepRecord(
                ordinal: 0, step: place.step, status: .running, progress: $0[0].text,
                rows: $0[1].integer ?? 0,
                started: Moment(milliseconds: 0))
        }
    }
}
