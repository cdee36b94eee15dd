import DoubleWrite
import MigrationCore
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// Changes of shape of SQLite columns of which the table's own text says something: NOT NULL, CHECK, foreign keys.
@Suite struct ShapeTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var table: String
        var operation: MigrationCore.Operation
        /// The same table, made directly.
        var target: String
        /// Statements that the table refuses before, and in the end.
        var refused: [String]

        var testDescription: String { name }

        static let all: [Case] = [
            Case(
                name: "type of a column with everything",
                table: """
                    CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT NOT NULL CHECK (age >= 0) REFERENCES owners (id),
                      name TEXT, CONSTRAINT young CHECK (age < 90 OR name IS NULL))
                    """,
                operation: .changeType(ChangeType(table: "animals", column: "age", type: "TEXT")),
                target: """
                    CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT, age TEXT NOT NULL CHECK (age >= 0)
                      REFERENCES owners (id), CONSTRAINT young CHECK (age < 90 OR name IS NULL))
                    """,
                refused: [
                    "INSERT INTO animals (id, age, name) VALUES (90, NULL, 'x')",
                    "INSERT INTO animals (id, age, name) VALUES (90, -1, 'x')",
                    "INSERT INTO animals (id, age, name) VALUES (90, 95, 'x')",
                    "INSERT INTO animals (id, age, name) VALUES (90, 77, 'x')",
                ]),
            Case(
                name: "name of a column in a key of two",
                table: """
                    CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT NOT NULL, name TEXT NOT NULL,
                      FOREIGN KEY (age, name) REFERENCES names (age, name) ON UPDATE CASCADE)
                    """,
                operation: .renameColumn(RenameColumn(table: "animals", from: "age", to: "order")),
                target: """
                    CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT NOT NULL, `order` INT NOT NULL,
                      FOREIGN KEY (`order`, name) REFERENCES names (age, name) ON UPDATE CASCADE)
                    """,
                refused: ["DELETE FROM names WHERE age = 1"]),
            Case(
                name: "split into columns that are not null",
                table: "CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT, name TEXT NOT NULL)",
                operation: .splitColumn(
                    SplitColumn(
                        table: "animals", from: "name",
                        to: [
                            DerivedColumn(
                                definition: ColumnDefinition(name: "word", type: "TEXT", isNullable: false),
                                up: "substr(name, 1, 4)"),
                            DerivedColumn(
                                definition: ColumnDefinition(name: "rest", type: "TEXT", isNullable: false),
                                up: "substr(name, 5)"),
                        ], down: "word || rest")),
                target: """
                    CREATE TABLE animals (id INTEGER PRIMARY KEY, age INT, word TEXT NOT NULL, rest TEXT NOT NULL)
                    """,
                refused: []),
        ]
    }

    private func prepared(_ example: Case) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(.sqlite)
        try scratch.session.execute(
            """
            CREATE TABLE owners (id INTEGER PRIMARY KEY); CREATE TABLE names (age, name, UNIQUE (age, name));
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO owners SELECT i FROM n;
            INSERT INTO names SELECT id % 5, 'name ' || id FROM owners; \(example.table);
            INSERT INTO animals (id, age, name) SELECT id, id % 5, 'name ' || id FROM owners WHERE id > 0;
            """)
        let sources = [try MigrationSource("0002_shape", example.operation)]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        return (scratch, sources)
    }

    private func refuses(_ scratch: Scratch, _ example: Case) {
        for statement in example.refused {
            #expect(throws: DatabaseFailure.self, "\(statement)") { try scratch.run(statement) }
        }
    }

    @Test(arguments: Case.all)
    func endsAsTheTargetMadeDirectly(example: Case) throws {
        let (scratch, sources) = try prepared(example)
        refuses(scratch, example)
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        refuses(scratch, example)
        let direct = try Scratch(.sqlite)
        try direct.session.execute("CREATE TABLE owners (id INTEGER PRIMARY KEY); \(example.target)")
        #expect(try said(scratch) == said(direct))
        #expect(try scratch.run("PRAGMA foreign_key_check").rows.isEmpty)
        #expect(try scratch.run("PRAGMA integrity_check").rows == [["ok"]])
    }

    /// What the text says, whichever clause says it of the column or of the table, and however names are quoted.
    private func said(_ scratch: Scratch) throws -> [String] {
        let session = try #require(scratch.session as? SQLiteSession)
        let table = try #require(try session.connection.introspect(["animals"]).tables.first)
        let columns = table.columns.map { "\($0.name) \($0.type) \($0.isNullable)" }
        let checks = table.checks.map { "\($0.name ?? "") \($0.definition.sql(.sqlite))" }
        let keys = table.foreignKeys.map { "\($0.columns) \($0.target)" }
        return columns + (checks + keys).sorted()
    }

    /// The stored texts, whatever the quotes that renaming leaves behind.
    private func text(_ scratch: Scratch) throws -> [String] {
        try scratch.run(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '%bellows%' ORDER BY name"
        ).rows.compactMap { $0[0].text?.replacing("\"", with: "").replacing("`", with: "") }
    }

    @Test(arguments: Case.all)
    func rollsBackFromEveryPoint(example: Case) throws {
        let (scratch, sources) = try prepared(example)
        let before = try text(scratch)
        let rows = try scratch.run("SELECT id, age, name FROM animals ORDER BY id").rows
        let steps = try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
        let last = try #require(steps.firstIndex { !$0.isReversible })
        for step in steps[1...last] where step.kind != .release {
            try CrashTests.rollBack(scratch, sources, stoppedAt: step)
            #expect(try text(scratch) == before, "rolled back from \(step.id)")
            #expect(
                try scratch.run("SELECT id, age, name FROM animals ORDER BY id").rows == rows,
                "rolled back from \(step.id)")
            refuses(scratch, example)
            try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        }
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    private func stop(_ scratch: Scratch, _ sources: [MigrationSource], before step: String) {
        let stop = Settings.test.with { settings in
            settings.faults.strike = { moment, id in
                if moment == .beforeStep, id == step { throw Strikes.Struck(point: id) }
            }
        }
        #expect(throws: EngineError.self) { _ = try scratch.engine(stop).apply(sources, through: .contract) }
    }

    private static let move = "UPDATE names SET age = 77 WHERE name = 'name 3'"

    /// Once a key that acts is taken from the old column, the database follows a row in the new one alone: the way back fills
    /// the old one before the key stands on it again.
    @Test func aKeyComesBackOverTrueValues() throws {
        let (scratch, sources) = try prepared(Case.all[1])
        let before = try text(scratch)
        stop(scratch, sources, before: "1.transition.flip-new")
        try scratch.run(Self.move)
        #expect(try scratch.run("SELECT age, `order` FROM animals WHERE id = 3").rows == [[3, 77]])
        let report = try scratch.engine().rollback(sources)
        #expect(report.migrations.map(\.outcome) == [.rolledBack])
        #expect(try scratch.run("SELECT age FROM animals WHERE id = 3").scalar == 77)
        #expect(try text(scratch) == before)
        #expect(try scratch.run("PRAGMA foreign_key_check").rows.isEmpty)
    }

    /// Before the new column has its key, the database follows a row in the old one alone: the key waits while there is one
    /// whose new value is no longer true.
    @Test func aKeyWaitsForTrueValues() throws {
        let (scratch, sources) = try prepared(Case.all[1])
        stop(scratch, sources, before: "1.expand.references")
        let write = "UPDATE animals SET `order` = age WHERE id = 3"
        try scratch.run(write)
        try scratch.run(Self.move)
        #expect(try scratch.run("SELECT age, `order` FROM animals WHERE id = 3").rows == [[77, 3]])
        let report = try scratch.engine().apply(sources, through: .contract)
        guard case .violations(let found)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(found.counts.map(\.violations) == [1])
        try scratch.run(write)
        let last = try scratch.engine().apply(sources, through: .contract)
        #expect(last.migrations.map(\.outcome) == [.finished])
        #expect(try scratch.run("SELECT `order` FROM animals WHERE id = 3").scalar == 77)
    }

    /// A text that is larger than a number by type alone: found before anything changes.
    @Test func aCheckThatTheNewValuesViolateStopsItBeforeItBegins() throws {
        let (scratch, _) = try prepared(Case.all[0])
        let before = try text(scratch)
        let operation = MigrationCore.Operation.changeType(
            ChangeType(
                table: "animals", column: "age", type: "BLOB", up: "'x' || age",
                down: "CAST(substr(age, 2) AS INT)"))
        let report = try scratch.engine(.alone).apply(
            [try MigrationSource("0003_shape", operation)], through: .contract)
        guard case .violations(let found)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(found.counts.first { $0.name == "young" }?.violations == 30)
        #expect(try text(scratch) == before)
    }

    /// A type of the same affinity is text: no row is read or written, and the text comes back as it was.
    @Test func aTypeOfTheSameAffinityIsText() throws {
        let (scratch, _) = try prepared(Case.all[0])
        let before = try text(scratch)
        let sources = [
            try MigrationSource(
                "0003_type", .changeType(ChangeType(table: "animals", column: "age", type: "BIGINT")))
        ]
        let steps = try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
        #expect(steps.map(\.id) == ["1.expand.change-type"])
        #expect(steps.allSatisfy { !$0.scans && !$0.rewrites })
        _ = try scratch.engine(.alone).apply(sources, through: .contract)
        #expect(
            try scratch.run("SELECT type FROM pragma_table_info('animals') WHERE name = 'age'").scalar
                == "BIGINT")
        refuses(scratch, Case.all[0])
        _ = try scratch.engine(.alone).rollback(sources, names: ["0003_type"])
        #expect(try text(scratch) == before)
    }

    /// What the refusal of a UNIQUE says to do works.
    @Test func theAdviceForAUniqueIsFollowed() throws {
        let scratch = try Scratch(.sqlite)
        try scratch.session.execute(
            """
            CREATE TABLE animals (id INTEGER PRIMARY KEY, chip INT NOT NULL CONSTRAINT chips UNIQUE);
            INSERT INTO animals VALUES (1, 10), (2, 20)
            """)
        let change = MigrationCore.Operation.changeType(
            ChangeType(table: "animals", column: "chip", type: "TEXT"))
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply([MigrationSource("0001", change)], through: .contract)
        }
        #expect("\(String(describing: error))".contains("drop_constraint, name: chips"))
        let sources = [
            try MigrationSource("0002", .dropConstraint(DropConstraint(table: "animals", name: "chips"))),
            try MigrationSource("0003", change),
            try MigrationSource(
                "0004", .addUnique(AddUnique(table: "animals", name: "chips", columns: ["chip"]))),
        ]
        for count in 1...sources.count {
            let report = try scratch.engine(.alone).apply(Array(sources.prefix(count)), through: .contract)
            #expect(report.migrations.allSatisfy { $0.outcome == .finished })
        }
        #expect(
            try scratch.run("SELECT typeof(chip), chip FROM animals").rows == [
                ["text", "10"], ["text", "20"],
            ])
        #expect(throws: DatabaseFailure.self) { try scratch.run("INSERT INTO animals VALUES (3, '10')") }
    }
}
