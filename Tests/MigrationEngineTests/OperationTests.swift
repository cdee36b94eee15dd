import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

@Suite struct OperationTests {
    private let column = ColumnDefinition(
        name: "age", type: PerDialect(postgres: "integer", sqlite: "INTEGER"))

    @Test(arguments: Dialect.allCases)
    func addsIndexesAndDrops(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        let sources = [
            try MigrationSource("0001", .createTable(Shelter.animals)),
            try MigrationSource("0002", .addColumn(AddColumn(table: "animals", column: column))),
            try MigrationSource(
                "0003",
                .createIndex(CreateIndex(table: "animals", name: "by age", keys: [.init(.column("age"))]))),
            try MigrationSource(
                "0004",
                .sql(
                    RawSQL(
                        expand: ["INSERT INTO animals (id, name) VALUES (1, 'Rex')"],
                        undo: ["DELETE FROM animals"]))),
            try MigrationSource("0005", .dropIndex(DropIndex(table: "animals", name: "by age"))),
            try MigrationSource("0006", .dropColumn(DropColumn(table: "animals", column: "kind"))),
        ]
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == Array(repeating: .finished, count: 6))
        #expect(try scratch.run("SELECT id, name, age FROM animals").rows == [[1, "Rex", .null]])
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT kind FROM animals") }
    }

    @Test(arguments: Dialect.allCases)
    func takesBackWhatIsSimple(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let before = try scratch.fingerprint()
        let sources = [
            try MigrationSource("0002", .addColumn(AddColumn(table: "animals", column: column))),
            try MigrationSource(
                "0003",
                .createIndex(CreateIndex(table: "animals", name: "by name", keys: [.init(.column("name"))]))),
        ]
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        let report = try scratch.engine(.alone).rollback(sources, names: ["0002", "0003"])
        #expect(report.migrations.map(\.name) == ["0003", "0002"])
        #expect(try scratch.fingerprint() == before)
    }

    @Test(arguments: Dialect.allCases)
    func renamesInPlace(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let before = try scratch.fingerprint()
        let sources = [
            try MigrationSource(
                "0002",
                .renameColumn(
                    RenameColumn(table: "animals", from: "kind", to: "species", strategy: .inPlace)))
        ]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        _ = try scratch.engine().apply(sources, through: .transition)
        #expect(try scratch.run("SELECT count(species) FROM animals").scalar == .integer(2))
        _ = try scratch.engine().rollback(sources)
        #expect(try scratch.fingerprint() == before)
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(report.migrations[0].outcome == .finished)
    }

    /// A step that gives a table another name changes two names, and neither is somebody else's doing.
    @Test(arguments: Dialect.allCases)
    func renamesATableBesideOtherSteps(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        try scratch.run("CREATE TABLE visits (id bigint NOT NULL PRIMARY KEY, day text)")
        try scratch.run("CREATE TABLE wishes (id bigint NOT NULL PRIMARY KEY, wish text)")
        let before = try scratch.fingerprint()
        let sources = [
            try MigrationSource(
                "0002", .renameTable(RenameTable(table: "visits", to: "appointments")),
                .addColumn(AddColumn(table: "animals", column: column)),
                .dropTable(DropTable(table: "wishes")),
                .dropColumn(DropColumn(table: "animals", column: "kind")))
        ]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        _ = try scratch.engine().apply(sources, through: .transition)
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        let soaking = Settings.test.with { $0.soak = .seconds(3600) }
        _ = try scratch.engine(soaking).apply(sources, through: .contract)
        _ = try scratch.engine(.alone).rollback(sources)
        #expect(try scratch.fingerprint() == before)
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        #expect(try scratch.run("SELECT count(*) FROM appointments").scalar == .integer(0))
    }

    /// The leftover of a build that was interrupted is dropped, and built again.
    @Test func buildsAnInvalidIndexAgain() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        try scratch.run("CREATE INDEX \"by name\" ON animals (name)")
        try scratch.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\"by name\"'::regclass")
        let engine = try scratch.engine(.alone)
        try engine.prepareToWrite()
        let index = IndexBuild(
            table: "animals", name: "by name",
            statement: "CREATE INDEX CONCURRENTLY \"by name\" ON public.animals (name)")
        try engine.leased {
            try engine.database.build(index, holding: engine.opening.token, lasting: .seconds(30)) { _ in }
            // Valid: nothing is left to do.
            try engine.database.build(index, holding: engine.opening.token, lasting: .seconds(30)) { _ in }
        }
        #expect(
            try scratch.run("SELECT indisvalid FROM pg_index WHERE indexrelid = '\"by name\"'::regclass")
                .scalar
                == true)
        let other = IndexBuild(table: "animals", name: "animals", statement: "SELECT 1")
        #expect(throws: EngineError.self) {
            try engine.leased {
                try engine.database.build(other, holding: engine.opening.token, lasting: .seconds(30)) { _ in
                }
            }
        }
    }

    /// A unique index that cannot be built, because of rows that came behind the count, leaves nothing behind, and the
    /// migration goes on once the rows are right.
    @Test func leavesNoInvalidIndex() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        guard case .postgres(let address) = scratch.location else { return }
        let late = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .beforeStep, step == "1.expand.create-index" else { return }
                try PostgresSession(address, name: "late").execute("UPDATE animals SET name = 'Rex'")
            }
        }
        let sources = [
            try MigrationSource(
                "0002",
                .createIndex(
                    CreateIndex(
                        table: "animals", name: "one name", keys: [.init(.column("name"))], isUnique: true)))
        ]
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(late).apply(sources, through: .contract)
        }
        #expect(error?.description.contains("[23505]") == true)
        #expect(try scratch.run("SELECT 1 FROM pg_class WHERE relname = 'one name'").rows.isEmpty)
        try scratch.run("UPDATE animals SET name = 'Rex ' || id")
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
    }

    /// A build waits for whoever has an old snapshot, and says for whom.
    @Test func namesWhomABuildWaitsFor() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 3)
        guard case .postgres(let address) = scratch.location else { return }
        let reader = try PostgresSession(address, name: "slow report")
        try reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM animals")
        let engine = try scratch.engine(.alone)
        try engine.prepareToWrite()
        let index = IndexBuild(
            table: "animals", name: "by name",
            statement: "CREATE INDEX CONCURRENTLY \"by name\" ON public.animals (name)")
        var named: [String?] = []
        try engine.leased {
            try engine.database.build(index, holding: engine.opening.token, lasting: .seconds(30)) {
                blockers in
                named += blockers.map(\.application)
                try? reader.execute("COMMIT")
            }
        }
        #expect(named == ["slow report"])
    }

    /// Raw SQL may change a table that another migration is working on: that is not drift.
    @Test(arguments: Dialect.allCases)
    func changesATableThatIsInFlight(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let sources = [
            try Shelter.sources()[1],
            try MigrationSource(
                "0003", .sql(RawSQL(expand: ["ALTER TABLE animals ADD COLUMN colour text"], undo: []))),
        ]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        _ = try scratch.engine().apply(sources, through: .expand)
        #expect(try scratch.engine().status(sources).drift.isEmpty)
        #expect(try scratch.engine().apply(sources, through: .contract).exitCode == 0)
    }

    /// Somebody else's change in the middle of a run is noticed before the next statement.
    @Test(arguments: Dialect.allCases)
    func noticesDriftInTheMiddle(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 3)
        let location = scratch.location
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill") else { return }
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                try? other.session.execute("ALTER TABLE animals ADD COLUMN colour text")
            }
        }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(settings).apply([Shelter.sources()[1]], through: .contract)
        }
        #expect(error?.exitCode == 4)
    }
}
