import DoubleWrite
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

@Suite struct BackfillTests {
    private let sources: [MigrationSource]

    init() throws { sources = [try Shelter.sources()[1]] }

    /// Does something on a connection of its own after the first committed batch.
    private func settings(_ scratch: Scratch, afterFirstBatch sql: String) -> Settings {
        let location = scratch.location
        let isDone = Mutex(false)
        return Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill"),
                    isDone.withLock({ isDone in
                        defer { isDone = true }; return !isDone
                    })
                else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                try other.session.execute(sql)
            }
        }
    }

    @Test(arguments: Dialect.allCases)
    func findsRowsBehindTheSweep(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 20_000)
        // As the database's own referential actions write: only the old column, behind the sweep.
        let settings = settings(
            scratch, afterFirstBatch: "UPDATE animals SET kind = 'moved' WHERE id IN (1, 3)")
        let recorder = Recorder()
        _ = try scratch.engine(settings, recorder).apply(sources, through: .expand)
        let left = try scratch.run(
            "SELECT count(*) FROM animals WHERE kind IS DISTINCT FROM species".in(dialect))
        #expect(left.scalar == .integer(0))
        #expect(
            try scratch.run("SELECT species FROM animals WHERE id IN (1, 3)").rows == [["moved"], ["moved"]])
        let passes = recorder.events.compactMap { event in
            if case .progress(_, _, let progress) = event { progress.pass } else { nil }
        }
        #expect(passes.max() == 2)
    }

    /// A rewrite puts every row into another place: the pass begins again.
    @Test func beginsAgainAfterARewrite() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 20_000)
        let settings = settings(
            scratch, afterFirstBatch: "CLUSTER animals USING animals_pkey")
        _ = try scratch.engine(settings).apply(sources, through: .expand)
        let left = try scratch.run("SELECT count(*) FROM animals WHERE kind IS DISTINCT FROM species")
        #expect(left.scalar == .integer(0))
    }

    /// The cursor is kept: a run that was stopped does not begin again.
    @Test(arguments: Dialect.allCases)
    func goesOnFromTheCursor(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 20_000)
        let stopped = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                if moment == .afterCommit, step.contains("backfill") { throw TestSupportError("stop") }
            }
        }
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stopped).apply(sources, through: .expand)
        }
        let first = try #require(try scratch.engine().status(sources).migrations.first)
        #expect(first.rows > 0)
        #expect(first.rows < 13_334)
        let recorder = Recorder()
        let report = try scratch.engine(.alone, recorder).apply(sources, through: .expand)
        #expect(report.migrations[0].outcome == .reached(next: .transition))
        #expect(report.migrations[0].rows == 13_334 - first.rows)
        #expect(recorder.events.contains(.note("13334 rows in all, \(13_334 - first.rows) of them now")))
        #expect(try scratch.engine().status(sources).migrations.first?.rows == 13_334)
    }

    /// A row that somebody holds is passed over and found later; other rows of its batch do not wait for it.
    @Test func passesOverALockedRow() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 100)
        guard case .postgres(let address) = scratch.location else { return }
        let session = try PostgresSession(address, name: "holder")
        let stop = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                if moment == .beforeStep, step.contains("backfill") { throw TestSupportError("stop") }
            }
        }
        #expect(throws: EngineError.self) { _ = try scratch.engine(stop).apply(sources, through: .expand) }
        try session.execute("BEGIN; SELECT 1 FROM animals WHERE id = 1 FOR UPDATE")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone.with { $0.lockTimeout = .milliseconds(20) }).apply(
                sources, through: .expand)
        }
        #expect(error?.exitCode == 5)
        #expect(error?.description.contains("application holder") == true)
        #expect(try scratch.run("SELECT count(species) FROM animals").scalar == .integer(66))
        try session.execute("COMMIT")
        let report = try scratch.engine(.alone).apply(sources, through: .expand)
        #expect(report.exitCode == 0)
        #expect(try scratch.run("SELECT count(species) FROM animals").scalar == .integer(67))
    }

    /// A trigger that undoes what the backfill does: it comes to an end all the same, and shows rows.
    @Test(arguments: Dialect.allCases)
    func endsWhereRowsDoNotStay(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 4)
        let backfill = Backfill(
            table: "animals", assignments: "name = name", mismatch: "id = 2", key: ["id"])
        let place = StepPlace(migration: "m", run: 1, ordinal: 0, phase: .expand, step: "s")
        let step = Step(id: "s", title: "t", action: .backfill(backfill))
        let work = BackfillWork(backfill: backfill, step: step, place: place)
        let engine = try scratch.engine()
        try engine.prepareToWrite()
        let error = #expect(throws: EngineError.self) {
            try engine.leased { _ = try engine.runner.backfill(work, nil) }
        }
        guard case .backfillStuck(_, _, let remaining, let samples)? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(remaining == 1)
        #expect(samples == ["id = 2"])
    }

    @Test func readsEveryKindOfKeyInSQLite() throws {
        let scratch = try Scratch(.sqlite)
        let tables = [
            "CREATE TABLE plain (kind TEXT)",
            "CREATE TABLE texts (k TEXT PRIMARY KEY, kind TEXT)",
            "CREATE TABLE pairs (a INTEGER, b TEXT COLLATE NOCASE, kind TEXT, PRIMARY KEY (a, b))",
            "CREATE TABLE bare (a REAL, b BLOB, kind TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
        ]
        try scratch.session.execute(tables.joined(separator: ";"))
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        try scratch.run("INSERT INTO plain \(numbers) SELECT 'k' || i FROM n")
        try scratch.run(
            "INSERT INTO texts \(numbers) SELECT CASE WHEN i % 3 THEN 'x' || i END, 'k' || i FROM n")
        try scratch.run(
            "INSERT INTO pairs \(numbers) SELECT nullif(i / 7, 3), nullif('b' || i, 'b9'), 'k' || i FROM n")
        try scratch.run("INSERT INTO bare \(numbers) SELECT i / 10.0 - 50, randomblob(4), 'k' || i FROM n")
        let sources = try ["plain", "texts", "pairs", "bare"].map { table in
            try MigrationSource(
                "000_\(table)",
                .renameColumn(RenameColumn(table: TableName(table), from: "kind", to: "species")))
        }
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        for table in ["plain", "texts", "pairs", "bare"] {
            #expect(
                try scratch.run("SELECT count(species) FROM \(table)").scalar == .integer(2000), "\(table)")
        }
    }

    /// A range between two keys compares to NULL where a part of one of them is.
    @Test func passesOverNoRowAroundAKeyThatIsNull() throws {
        let scratch = try Scratch(.sqlite)
        try scratch.run("CREATE TABLE pairs (a INTEGER, b INTEGER, x TEXT, y TEXT, PRIMARY KEY (a, b))")
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999) "
        // Runs of NULLs at which batches end, of any size: in the second part, in the first, in both.
        try scratch.run(
            """
            INSERT INTO pairs \(numbers)
            SELECT CASE WHEN i % 50 = 0 THEN NULL ELSE i / 100 END, CASE WHEN i % 3 = 0 THEN NULL ELSE i END,
                'x' || i, NULL FROM n
            """)
        let database = try #require(try scratch.engine().database as? SQLiteDatabase)
        let backfill = Backfill(
            table: "pairs", assignments: "y = x", mismatch: "y IS NOT x", key: ["a", "b"])
        for size in [16, 17, 100, 1000, 5000] {
            try scratch.run("UPDATE pairs SET y = NULL")
            var cursor = BackfillCursor(size: size)
            var rows: Int64 = 0
            for _ in 0..<1000 {
                try database.begin(.step(lockTimeout: .seconds(1)))
                let result = try database.batch(backfill, &cursor)
                try database.commit()
                rows += result.rows
                if result.isPassComplete { break }
            }
            #expect(rows == 3000, "\(size)")
            #expect(try scratch.run("SELECT count(*) FROM pairs WHERE y IS NOT x").scalar == .integer(0))
        }
    }

    /// The end of a batch is guessed where keys have few gaps: whatever they are, each row is written once, and no batch is
    /// larger than it may be.
    @Test func writesEachRowOnceWhateverTheKeysAre() throws {
        let scratch = try Scratch(.sqlite)
        try scratch.run("CREATE TABLE animals (id INTEGER PRIMARY KEY, x TEXT, y TEXT)")
        let database = try #require(try scratch.engine().database as? SQLiteDatabase)
        let backfill = Backfill(table: "animals", assignments: "y = x", mismatch: "y IS NOT x", key: ["id"])
        let keys: [String] = [
            "i", "-i", "3 * i", "i * i * i", "CASE WHEN i < 1500 THEN i ELSE i + 1000000000 END",
            "9223372036854775807 - i", "-9223372036854775807 + i",
            "CASE WHEN i % 1000 < 900 THEN i ELSE 7 * i + 100000 END",
        ]
        for key in keys {
            for size in [16, 100, 999] {
                try scratch.run("DELETE FROM animals")
                try scratch.run(
                    """
                    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
                    INSERT INTO animals SELECT \(key), 'x' || i, NULL FROM n
                    """)
                var cursor = BackfillCursor(size: size)
                var (rows, batches): (Int64, Int) = (0, 0)
                var isComplete = false
                while !isComplete {
                    try database.begin(.batch(lockTimeout: .seconds(1)))
                    let result = try database.batch(backfill, &cursor)
                    try database.commit()
                    #expect(result.rows <= size, "\(key), \(size)")
                    rows += result.rows
                    batches += 1
                    isComplete = result.isPassComplete
                }
                #expect(rows == 3000, "\(key), \(size)")
                #expect(batches <= 2 * 3000 / size + 3, "\(key), \(size)")
                #expect(
                    try scratch.run("SELECT count(*) FROM animals WHERE y IS NOT x").scalar == .integer(0))
            }
        }
    }

    /// A batch reads its own rows, not the whole table while everybody else waits for the file.
    @Test(arguments: [["id"], ["a", "b"]])
    func noBatchLooksThroughTheWholeTable(key: [String]) throws {
        let scratch = try Scratch(.sqlite)
        try scratch.run("CREATE TABLE animals (id INTEGER PRIMARY KEY, x TEXT)")
        try scratch.run("CREATE TABLE pairs (a INTEGER, b INTEGER, x TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID")
        let table = key.count == 1 ? "animals" : "pairs"
        let range = KeyRange(TableName(table), key)
        for hasLow in [false, true] {
            let condition = range.condition(hasLow: hasLow, hasHigh: true, hasUnknown: false)
            let values = [SQLValue](repeating: .integer(0), count: key.count * (hasLow ? 2 : 1))
            let plan = try scratch.session.query(
                "EXPLAIN QUERY PLAN UPDATE \(table) SET x = 'x' WHERE \(condition)", values)
            #expect(plan.rows.contains { $0.last?.text?.hasPrefix("SEARCH") == true }, "\(plan)")
        }
    }

    @Test(arguments: Dialect.allCases)
    func copiesUnderHostileNames(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        var sources: [MigrationSource] = []
        for (number, name) in HostileNames.all.enumerated() {
            let table = dialect.quote(TableName(name))
            let id = dialect.quote("\(name)" == "id" ? "key" : "id")
            try scratch.run("CREATE TABLE \(table) (\(id) integer PRIMARY KEY, \(dialect.quote(name)) text)")
            try scratch.run("INSERT INTO \(table) VALUES (1, 'dog'), (2, NULL)")
            let to = HostileNames.all[(number + 1) % HostileNames.all.count]
            sources.append(
                try MigrationSource(
                    "\(1000 + number)",
                    .renameColumn(RenameColumn(table: TableName(name), from: name, to: to))))
        }
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        for (number, name) in HostileNames.all.enumerated() {
            let to = HostileNames.all[(number + 1) % HostileNames.all.count]
            let rows = try scratch.run(
                "SELECT \(dialect.quote(to)) FROM \(dialect.quote(TableName(name))) ORDER BY 1"
            ).rows
            #expect(Set(rows) == [["dog"], [.null]], "\(name)")
        }
    }
}
