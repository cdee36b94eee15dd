import DoubleWrite
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// Operations on tables, constraints and types by way of the engine: stopped at every moment, shown and refused.
@Suite struct ConstraintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: MigrationCore.Operation
        var dialect = Dialect.postgres
        var canBeTakenBack = true
        var testDescription: String { "\(dialect.rawValue) \(operation.keyword)" }
    }

    static let cases: [Case] = [
        Case(operation: .addCheck(AddCheck(table: "animals", name: "aged", check: "age < 100"))),
        Case(
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "owned", columns: ["owner"],
                    target: ForeignKeyTarget(table: "owners")))),
        Case(operation: .addUnique(AddUnique(table: "animals", name: "chips", columns: ["chip"]))),
        Case(operation: .addPrimaryKey(AddPrimaryKey(table: "notes", columns: ["id", "day"]))),
        Case(operation: .setNotNull(SetNotNull(table: "animals", column: "age"))),
        Case(operation: .dropNotNull(DropNotNull(table: "owners", column: "code"))),
        Case(operation: .dropConstraint(DropConstraint(table: "owners", name: "codes"))),
        Case(operation: .dropDefault(DropDefault(table: "animals", column: "kind"))),
        Case(operation: .createEnum(CreateEnum(name: "mood", values: ["calm"]))),
        Case(operation: .dropEnum(DropEnum(name: "size"))),
        Case(
            operation: .addEnumValue(AddEnumValue(name: "size", value: "huge")), canBeTakenBack: false),
        Case(operation: replacement), Case(operation: replacement, dialect: .sqlite),
        Case(operation: .renameTable(RenameTable(table: "animals", to: "residents"))),
        Case(operation: .renameTable(RenameTable(table: "animals", to: "residents")), dialect: .sqlite),
        Case(operation: .dropTable(DropTable(table: "pets")), canBeTakenBack: false),
        Case(operation: .dropTable(DropTable(table: "pets")), dialect: .sqlite, canBeTakenBack: false),
    ]

    private static let replacement = MigrationCore.Operation.replaceIndex(
        ReplaceIndex(
            old: "kinds",
            new: CreateIndex(
                table: "animals", name: "kinds", keys: [.init(.column("kind"), isDescending: true)])))

    private static let postgres = """
        CREATE TYPE size AS ENUM ('small', 'large');
        CREATE TABLE owners (id bigint PRIMARY KEY, code text NOT NULL CONSTRAINT codes UNIQUE);
        INSERT INTO owners VALUES (1, 'a'), (2, 'b');
        CREATE TABLE animals (id bigint PRIMARY KEY, kind text DEFAULT 'dog', age integer, chip text, owner bigint);
        CREATE INDEX kinds ON animals (kind);
        INSERT INTO animals SELECT i, 'k' || i, i, 'c' || i, 1 + i % 2 FROM generate_series(1, 20) i;
        CREATE TABLE notes (id bigint, day date);
        INSERT INTO notes SELECT i, '2026-01-01' FROM generate_series(1, 20) i;
        CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint REFERENCES owners);
        INSERT INTO pets VALUES (1, 1)
        """

    private static let sqlite = """
        CREATE TABLE owners (id INTEGER PRIMARY KEY);
        INSERT INTO owners VALUES (1), (2);
        CREATE TABLE animals (id INTEGER PRIMARY KEY, kind TEXT, age INTEGER);
        CREATE INDEX kinds ON animals (kind);
        INSERT INTO animals VALUES (1, 'a', 1), (2, 'b', 2);
        CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owners);
        INSERT INTO pets VALUES (1, 1)
        """

    private func prepared(_ dialect: Dialect) throws -> Scratch {
        let scratch = try Scratch(dialect)
        try scratch.session.execute(dialect == .postgres ? Self.postgres : Self.sqlite)
        return scratch
    }

    private struct Struck: Error {}

    /// Stops a run the first time that it comes to each moment of each step.
    private func insist(_ body: (Settings) throws -> ApplyReport) throws -> ApplyReport {
        let seen = Mutex<Set<String>>([])
        let settings = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                if seen.withLock({ $0.insert("\(moment) \(step)").inserted }) { throw Struck() }
            }
        }
        for _ in 0..<300 {
            do {
                return try body(settings)
            } catch let error as EngineError {
                guard case .state(let message) = error.reason, message.contains("Struck") else { throw error }
            }
        }
        Issue.record("stopped too often")
        return ApplyReport()
    }

    @Test(arguments: cases)
    func stoppedAtEveryMoment(example: Case) throws {
        let sources = [try MigrationSource("0002", example.operation)]
        let straight = try prepared(example.dialect)
        let before = try straight.fingerprint()
        #expect(try straight.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        let broken = try prepared(example.dialect)
        let report = try insist { try broken.engine($0).apply(sources, through: .contract) }
        #expect(report.migrations.map(\.outcome) == [.finished])
        let (end, wanted) = (try broken.fingerprint(), try straight.fingerprint())
        #expect(end == wanted, "\(end)\n\(wanted)")
        guard example.canBeTakenBack else {
            #expect(throws: EngineError.self) { try broken.engine(.alone).rollback(sources, names: ["0002"]) }
            return
        }
        let back = try insist { try broken.engine($0).rollback(sources, names: ["0002"]) }
        #expect(back.migrations.map(\.outcome) == [.rolledBack])
        #expect(try broken.fingerprint() == before)
    }

    /// Each phase on its own, and back from there: what was recorded of the tables is what they are.
    @Test(arguments: Dialect.allCases, [Phase.expand, .transition])
    func aRenamedTableIsNoDrift(dialect: Dialect, phase: Phase) throws {
        let scratch = try prepared(dialect)
        let before = try scratch.fingerprint()
        let sources = [
            try MigrationSource("0002", .renameTable(RenameTable(table: "animals", to: "residents")))
        ]
        _ = try scratch.engine(.alone).apply(sources, through: phase)
        #expect(try scratch.engine().status(sources).drift.isEmpty)
        try scratch.run("INSERT INTO animals (id, kind, age) VALUES (100, 'old', 1)")
        try scratch.run("DELETE FROM residents WHERE id = 100")
        _ = try scratch.engine(.alone).rollback(sources)
        #expect(try scratch.fingerprint() == before)
    }

    /// While a column of it changes, a table keeps its name.
    @Test(arguments: Dialect.allCases)
    func aTableInFlightKeepsItsName(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        let sources = [
            try MigrationSource(
                "0002", .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species"))),
            try MigrationSource("0003", .renameTable(RenameTable(table: "animals", to: "residents"))),
        ]
        _ = try scratch.engine(.alone).apply(sources, names: ["0002"], through: .expand)
        let error = #expect(throws: EngineError.self) {
            try scratch.engine(.alone).apply(sources, names: ["0003"], through: .expand)
        }
        #expect(error?.description.contains("0002") == true && error?.description.contains("animals") == true)
        _ = try scratch.engine(.alone).apply(sources, names: ["0002"], through: .contract)
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        #expect(try scratch.run("SELECT count(species) FROM residents").scalar != nil)
    }

    /// Rows that break what is demanded are counted and shown, and nothing changes; once they are right, it goes on.
    @Test func showsTheRowsAndChangesNothing() throws {
        let scratch = try prepared(.postgres)
        try scratch.run("UPDATE animals SET age = -1 WHERE id IN (3, 5)")
        let before = try scratch.fingerprint()
        let sources = [
            try MigrationSource("0002", .addCheck(AddCheck(table: "animals", name: "aged", check: "age > 0")))
        ]
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        guard case .waiting(let gates) = try #require(report.migrations.first).outcome,
            case .violations(let found) = try #require(gates.first).condition
        else {
            Issue.record("it does not wait: \(report)")
            return
        }
        #expect(found.counts.map(\.violations) == [2] && found.rows == 20)
        #expect(Set(found.samples.rows) == [[3, -1], [5, -1]])
        #expect(
            gates[0].remedies == [
                "change the rows so that they meet 'aged', or the condition so that they do"
            ])
        #expect(try scratch.fingerprint() == before)
        try scratch.run("UPDATE animals SET age = 1 WHERE age < 0")
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        #expect(throws: DatabaseFailure.self) { try scratch.run("UPDATE animals SET age = -1") }
    }

    /// What the same file has just made is not counted before it is there.
    @Test(arguments: Dialect.allCases)
    func whatTheSameFileMakes(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        let column = ColumnDefinition(name: "n", type: "integer")
        let source = try MigrationSource(
            "0002",
            .createTable(
                CreateTable(table: "t", columns: [column, ColumnDefinition(name: "m", type: "integer")])),
            .addCheck(AddCheck(table: "t", name: "positive", check: "n > 0")),
            .addUnique(AddUnique(table: "t", name: "one m", columns: ["m"])),
            .addColumn(AddColumn(table: "animals", column: column)),
            .addCheck(AddCheck(table: "animals", name: "small", check: "n < 10")))
        #expect(try scratch.engine(.alone).apply([source], through: .contract).exitCode == 0)
        try scratch.run("UPDATE animals SET n = 9")
        #expect(throws: DatabaseFailure.self) { try scratch.run("UPDATE animals SET n = 10") }
        #expect(throws: DatabaseFailure.self) { try scratch.run("INSERT INTO t VALUES (0, 0)") }
    }

    /// Without a value for every row nothing is demanded of any, also where 'fill' itself has none.
    @Test(arguments: Dialect.allCases)
    func fillsWhatIsMissing(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        try scratch.run("ALTER TABLE animals ADD COLUMN tag text")
        try scratch.run("UPDATE animals SET kind = NULL WHERE id = 2")
        let kind = try scratch.run("SELECT kind FROM animals WHERE id = 1").scalar?.text ?? ""
        let sources = [
            try MigrationSource(
                "0002", .setNotNull(SetNotNull(table: "animals", column: "tag", fill: "kind || '!'")))
        ]
        let report = try scratch.engine(.alone).apply(sources, through: .contract)
        guard case .waiting(let gates) = try #require(report.migrations.first).outcome,
            case .violations(let found) = try #require(gates.first).condition
        else {
            Issue.record("it does not wait: \(report)")
            return
        }
        #expect(found.samples.rows == [[2, .null]])
        #expect(try scratch.run("SELECT tag FROM animals WHERE id = 1").scalar?.text == "\(kind)!")
        try scratch.run("UPDATE animals SET tag = 'x' WHERE id = 2")
        #expect(try scratch.engine(.alone).apply(sources, through: .contract).exitCode == 0)
        #expect(throws: DatabaseFailure.self) { try scratch.run("UPDATE animals SET tag = NULL") }
    }

    /// A release is waited for before a constraint comes, and again before one comes back.
    @Test func waitsForReleases() throws {
        let scratch = try prepared(.postgres)
        let sources = [
            try MigrationSource("0002", .dropNotNull(DropNotNull(table: "owners", column: "code")))
        ]
        #expect(try scratch.engine().apply(sources, through: .contract).exitCode == 3)
        try scratch.engine().attest(Attestation(application: "app", conduct: .both), sources: sources)
        #expect(try scratch.engine().apply(sources, through: .contract).exitCode == 0)
        try scratch.run("INSERT INTO owners VALUES (9, NULL)")
        #expect(try scratch.engine().rollback(sources, names: ["0002"]).exitCode == 3)
        try scratch.engine().attest(Attestation(application: "app", conduct: .both), sources: sources)
        let report = try scratch.engine().rollback(sources, names: ["0002"])
        guard case .waiting(let gates) = try #require(report.migrations.first).outcome,
            case .violations = try #require(gates.first).condition
        else {
            Issue.record("it does not wait: \(report)")
            return
        }
        try scratch.run("DELETE FROM owners WHERE code IS NULL")
        #expect(try scratch.engine().rollback(sources, names: ["0002"]).exitCode == 0)
        #expect(throws: DatabaseFailure.self) { try scratch.run("INSERT INTO owners VALUES (9, NULL)") }
    }
}
