import DoubleWrite
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// Migrations that fill the same table share a pass over it.
@Suite struct CompanionTests {
    private static let rename = RenameColumn(table: "animals", from: "name", to: "called")
    /// The number that stands in the name.
    private static let number = ChangeColumn(
        table: "animals", from: "name", to: "number", type: "integer", up: "CAST(substr(name, 6) AS integer)",
        down: "'name ' || CAST(number AS text)")

    private let species: MigrationSource
    private let called: MigrationSource
    private let numbered: MigrationSource

    init() throws {
        species = try MigrationSource("0002_species", .renameColumn(Shelter.rename))
        called = try MigrationSource("0003_called", .renameColumn(Self.rename))
        numbered = try MigrationSource("0003_numbered", .changeColumn(Self.number))
    }

    private func scratch(_ dialect: Dialect, rows: Int = 300) throws -> Scratch {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: rows)
        return scratch
    }

    /// What each backfill has written by its record, and whether it is done.
    private func recorded(_ scratch: Scratch) throws -> [[SQLValue]] {
        try scratch.run(
            """
            SELECT migration, status, coalesce(row_count, 0) FROM \(scratch.state("steps"))
            WHERE step LIKE '%.expand.backfill' ORDER BY migration
            """
        ).rows
    }

    private func differing(_ scratch: Scratch) throws -> SQLValue? {
        let differing = "kind IS DISTINCT FROM species OR name IS DISTINCT FROM called".in(scratch.dialect)
        return try scratch.run("SELECT count(*) FROM animals WHERE \(differing)").scalar
    }

    @Test(arguments: Dialect.allCases)
    func fillTheirTableInOnePass(dialect: Dialect) throws {
        let scratch = try scratch(dialect)
        let observer = Recorder()
        let report = try scratch.engine(.alone, observer).apply([species, called], through: .expand)
        #expect(report.migrations.map(\.rows) == [300, 0])
        #expect(report.migrations.map(\.name) == ["0002_species", "0003_called"])
        #expect(
            try recorded(scratch) == [
                [.text("0002_species"), .text("done"), 300], [.text("0003_called"), .text("done"), 0],
            ])
        #expect(try differing(scratch) == 0)
        #expect(observer.events.contains(.note("in the same pass: 0003_called")))
        #expect(try scratch.engine(.alone).apply([species, called], through: .contract).exitCode == 0)
    }

    /// As by `apply 0002_species`.
    @Test func onlyThoseThatAreAskedFor() throws {
        let scratch = try scratch(.sqlite)
        _ = try scratch.engine(.alone).apply([species, called], names: ["0002_species"], through: .expand)
        #expect(try recorded(scratch) == [[.text("0002_species"), .text("done"), 200]])
    }

    /// One that is to finish before the next is not held up for it.
    @Test func notWhereEachFinishesFirst() throws {
        let scratch = try scratch(.sqlite)
        let report = try scratch.engine(.alone).apply([species, called], through: .contract)
        #expect(report.migrations.map(\.rows) == [200, 300])
        #expect(report.migrations.allSatisfy { $0.outcome == .finished })
    }

    /// Both wait for the releases to be attested; the backfills of both are behind that gate.
    @Test(arguments: Dialect.allCases)
    func behindTheGatesOfEach(dialect: Dialect) throws {
        let scratch = try scratch(dialect)
        let settings = Settings.test.with { $0.applications = ["app"] }
        #expect(try scratch.engine(settings).apply([species, called], through: .expand).exitCode == 3)
        try scratch.engine(settings).attest(Attestation(application: "app"), sources: [species])
        let one = try scratch.engine(settings).apply([species, called], through: .expand)
        #expect(one.migrations.map(\.rows) == [200, 0])
        try scratch.engine(settings).attest(Attestation(application: "app"), sources: [called])
        let other = try scratch.engine(settings).apply([species, called], through: .expand)
        #expect(other.migrations.map(\.rows) == [0, 300])
        #expect(try differing(scratch) == 0)
    }

    /// Somebody began to write before the second column was there, and may still do so behind the pass: that one waits
    /// for it, and the first one does not.
    @Test func notBeforeThoseWhoWriteAreGone() throws {
        let scratch = try scratch(.postgres)
        let writer = Transaction(scratch.location)
        let settings = Settings.test.with { $0.applications = ["app"] }
        let watched = settings.with { settings in
            settings.faults.strike = { moment, step in
                if moment == .afterCommit, step.hasPrefix("1.expand.") { try writer.begin("SELECT 1") }
            }
        }
        func apply(_ settings: Settings) throws -> ApplyReport {
            try scratch.engine(settings).apply([species, called], through: .expand)
        }
        func attest(_ source: MigrationSource) throws {
            try scratch.engine(settings).attest(Attestation(application: "app"), sources: [source])
        }
        _ = try scratch.engine(settings).pause()
        try attest(species)
        #expect(try apply(settings).exitCode == 3)
        try attest(called)
        #expect(try apply(watched).exitCode == 3)
        _ = try scratch.engine(settings).resume()
        let first = try apply(settings)
        #expect(first.migrations.map(\.rows) == [200, 0])
        #expect(first.migrations[1].unmetGates.map(\.step) == ["1.expand.backfill"])
        writer.close()
        #expect(try apply(settings).migrations.map(\.rows) == [0, 300])
        #expect(try differing(scratch) == 0)
    }

    /// At every moment, and again at every moment of what follows.
    @Test(arguments: Dialect.allCases)
    func stoppedAnywhereTheyEndAlike(dialect: Dialect) throws {
        let whole = try scratch(dialect)
        _ = try whole.engine(.alone).apply([species, called], through: .expand)
        let scratch = try scratch(dialect)
        let strikes = Strikes()
        let settings = strikes.settings.with { $0.noWriters = true }
        let report = try Strikes.insist {
            try scratch.engine(settings).apply([species, called], through: .expand)
        }
        #expect(report.exitCode == 0)
        #expect(try scratch.fingerprint() == whole.fingerprint())
        #expect(try differing(scratch) == 0)
        #expect(try recorded(scratch).map { $0[1] } == [.text("done"), .text("done")])
    }

    /// A row that one of them cannot read came after the rows were counted. The other is not held up, and it is told of
    /// whom it is.
    @Test func whatOneCannotReadIsItsOwnAffair() throws {
        let scratch = try scratch(.postgres)
        let isStruck = Mutex(false)
        let location = scratch.location
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeStep, step == "1.expand.backfill",
                    isStruck.withLock({ struck in
                        defer { struck = true }
                        return !struck
                    })
                else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                defer { other.close() }
                _ = try other.session.query(
                    "INSERT INTO animals (id, name, kind) VALUES (1000, 'name x', 'dog')")
            }
        }
        let observer = Recorder()
        let error = #expect(throws: EngineError.self) {
            try scratch.engine(settings, observer).apply([species, numbered], through: .expand)
        }
        #expect(error?.migration == "0003_numbered")
        let told = observer.events.contains { event in
            if case .note(let text) = event { text.hasPrefix("not in the same pass: ") } else { false }
        }
        #expect(told)
        let steps = try recorded(scratch)
        #expect(steps.map { $0[1] } == [.text("done"), .text("running")])
        let left = try scratch.run("SELECT count(*) FROM animals WHERE species IS DISTINCT FROM kind")
        #expect(left.scalar == 0)
        try scratch.run("DELETE FROM animals WHERE id = 1000")
        let again = try scratch.engine(.alone).apply([species, numbered], through: .expand)
        #expect(again.exitCode == 0)
        #expect(try scratch.run("SELECT sum(number) FROM animals").scalar == 45150)
    }

    /// Somebody reads the table when the second would change it. The first one's rows can be written.
    @Test func aLockOfOneIsItsOwnAffair() throws {
        let scratch = try scratch(.postgres)
        let reader = Transaction(scratch.location)
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.hasPrefix("1.expand.") else { return }
                try reader.begin("LOCK TABLE animals IN ACCESS SHARE MODE")
            }
        }
        let observer = Recorder()
        let error = #expect(throws: EngineError.self) {
            try scratch.engine(settings, observer).apply([species, called], through: .expand)
        }
        #expect(error?.migration == "0003_called")
        #expect(error?.exitCode == 5)
        let waits = observer.events.count { if case .waitingForLock = $0 { true } else { false } }
        #expect(waits == settings.lockAttempts - 1, "it was tried for twice")
        #expect(try recorded(scratch) == [[.text("0002_species"), .text("done"), 200]])
        reader.close()
        #expect(try scratch.engine(.alone).apply([species, called], through: .expand).exitCode == 0)
        #expect(try differing(scratch) == 0)
    }

    /// The first one cannot begin: nobody else does for its sake.
    @Test func aLockOfTheFirstEndsTheRun() throws {
        let scratch = try scratch(.postgres)
        let reader = Transaction(scratch.location)
        try reader.begin("LOCK TABLE animals IN ACCESS SHARE MODE")
        let error = #expect(throws: EngineError.self) {
            try scratch.engine(.alone).apply([species, called], through: .expand)
        }
        #expect(error?.migration == "0002_species")
        #expect(try scratch.run("SELECT name FROM bellows.migrations").rows == [["0002_species"]])
    }

    /// Somebody holds a row that differs for the second one only.
    @Test func aRowThatOneCannotHaveIsItsOwnAffair() throws {
        let scratch = try scratch(.postgres)
        try scratch.run("UPDATE animals SET kind = NULL")
        let holder = Transaction(scratch.location)
        let settings = Settings.alone.with { settings in
            settings.faults.pauses = false
            settings.lockTimeout = .milliseconds(20)
            settings.faults.strike = { moment, step in
                guard moment == .beforeStep, step == "1.expand.backfill" else { return }
                try holder.begin("UPDATE animals SET name = name WHERE id = 7")
            }
        }
        let error = #expect(throws: EngineError.self) {
            try scratch.engine(settings).apply([species, called], through: .expand)
        }
        #expect(error?.migration == "0003_called")
        #expect(error?.exitCode == 5)
        #expect(try recorded(scratch).map { $0[1] } == [.text("done"), .text("running")])
        holder.close()
        #expect(try scratch.engine(.alone).apply([species, called], through: .expand).exitCode == 0)
        #expect(try differing(scratch) == 0)
    }

    // MARK: - Who shares a pass

    /// Those that have a part in the pass of the first.
    private func behindFirst(_ dialect: Dialect, _ sources: MigrationSource...) throws -> [String] {
        let scratch = try scratch(dialect, rows: 3)
        try scratch.run("CREATE TABLE pets (id integer PRIMARY KEY, kind text)")
        let plans = try scratch.engine().plans(sources)
        return Line(sources, walks: [], plans: plans).behind(sources[0].migration.name).map(\.migration.name)
    }

    @Test(arguments: Dialect.allCases)
    func areThoseOfOneTable(dialect: Dialect) throws {
        let pets = try MigrationSource(
            "0004_pets", .renameColumn(RenameColumn(table: "pets", from: "kind", to: "species")))
        #expect(try behindFirst(dialect, species) == [])
        #expect(try behindFirst(dialect, species, pets) == [])
        #expect(try behindFirst(dialect, species, called, pets) == ["0003_called"])
        #expect(try behindFirst(dialect, species, pets, called) == [])
    }

    /// What comes between them, or is in them, may be meant to come first.
    @Test(arguments: Dialect.allCases)
    func areNotThoseBehindStatementsOfSomebodysOwn(dialect: Dialect) throws {
        let sql = MigrationCore.Operation.sql(RawSQL(expand: ["UPDATE animals SET name = lower(name)"]))
        let between = try MigrationSource("0002_sql", sql)
        let within = try MigrationSource("0002_within", .renameColumn(Shelter.rename), sql)
        #expect(try behindFirst(dialect, species, between, called) == [])
        #expect(try behindFirst(dialect, within, called) == [])
        #expect(try behindFirst(dialect, called, within) == [])
    }

    @Test func areNotThoseThatBuildOnEachOther() throws {
        let index = try MigrationSource(
            "0002_up_index",
            .createIndex(CreateIndex(table: "animals", name: "by_name", keys: [.init(.column("name"))])))
        #expect(try behindFirst(.postgres, species, index, called) == [])
        let back = try MigrationSource(
            "0003_back", .renameColumn(RenameColumn(table: "animals", from: "species", to: "sort")))
        #expect(try behindFirst(.postgres, species, back) == [])
    }
}

/// Somebody's open transaction.
private final class Transaction: @unchecked Sendable {
    // Used by the thread of the run, and by the test's when that has ended.
    private var database: (any TargetDatabase)?
    private let location: DatabaseLocation

    init(_ location: DatabaseLocation) { self.location = location }

    /// Begins it, unless it has begun.
    func begin(_ statement: String) throws {
        guard database == nil else { return }
        let database = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1)).open()
        try database.session.execute("BEGIN; \(statement)")
        self.database = database
    }

    func close() { database?.close() }
}
