import DoubleWrite
import MigrationCore
import SQLiteDriver
import Testing

@testable import MigrationEngine

/// What SQLite does by another stored text or another table: forward to what the table would be if it had been made so, back
/// from every step to what it was, and forward again.
@Suite struct SQLiteOperationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var before: String
        var after: String
        var operation: Operation

        var testDescription: String { name }
    }

    private static let owners =
        "CREATE TABLE owners (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO owners VALUES (1, 'a'), (2, 'b');"

    private static let rows =
        "INSERT INTO animals (id, kind, chip, owner, age) VALUES (1, 'dog', 'c1', 1, 3), (2, 'cat', 'c2', 2, 4), (3, 'Dog', 'c3', 1, 5);"

    private static func table(_ body: String, _ rest: String = "") -> String {
        owners + "CREATE TABLE animals (\(body)) \(rest);" + rows
    }

    private static let plain = "id INTEGER PRIMARY KEY, kind TEXT, chip TEXT, owner INT, age INT"

    static let all: [Case] = [
        Case(
            name: "set_not_null", before: table(plain),
            after: table("id INTEGER PRIMARY KEY, kind TEXT NOT NULL, chip TEXT, owner INT, age INT"),
            operation: .setNotNull(SetNotNull(table: "animals", column: "kind"))),
        Case(
            name: "drop_not_null with comments in the text",
            before: table(
                "id INTEGER PRIMARY KEY, kind TEXT NOT NULL /* what it is */, chip TEXT, owner INT, age INT -- years\n"
            ),
            after: table(plain), operation: .dropNotNull(DropNotNull(table: "animals", column: "kind"))),
        Case(
            name: "set_default", before: table(plain),
            after: table("id INTEGER PRIMARY KEY, kind TEXT DEFAULT 'cow', chip TEXT, owner INT, age INT"),
            operation: .setDefault(SetDefault(table: "animals", column: "kind", defaultValue: "'cow'"))),
        Case(
            name: "set_default, another",
            before: table(plain.replacing("age INT", with: "age INT DEFAULT 1")),
            after: table(plain.replacing("age INT", with: "age INT DEFAULT (1 + 2)")),
            operation: .setDefault(SetDefault(table: "animals", column: "age", defaultValue: "1 + 2"))),
        Case(
            name: "drop_default", before: table(plain.replacing("age INT", with: "age INT DEFAULT 1")),
            after: table(plain),
            operation: .dropDefault(DropDefault(table: "animals", column: "age"))),
        Case(
            name: "add_check", before: table(plain),
            after: table(plain + ", CONSTRAINT `a \"c\" k` CHECK (age > 0)"),
            operation: .addCheck(AddCheck(table: "animals", name: "a \"c\" k", check: "age > 0 -- years"))),
        Case(
            name: "add_foreign_key", before: table(plain),
            after: table(
                plain + ", CONSTRAINT fk FOREIGN KEY (owner) REFERENCES owners (id) ON DELETE CASCADE"),
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "fk", columns: ["owner"],
                    target: ForeignKeyTarget(table: "owners", columns: ["id"], onDelete: .cascade)))),
        Case(
            name: "add_foreign_key to itself", before: table(plain.replacing("age INT", with: "age INT")),
            after: table(plain + ", CONSTRAINT fk FOREIGN KEY (owner) REFERENCES animals"),
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "fk", columns: ["owner"],
                    target: ForeignKeyTarget(table: "animals")))),
        Case(
            name: "add_unique", before: table(plain),
            after: table(plain) + "CREATE UNIQUE INDEX chips ON animals (chip, kind)",
            operation: .addUnique(AddUnique(table: "animals", name: "chips", columns: ["chip", "kind"]))),
        Case(
            name: "add_primary_key", before: table("id INTEGER, kind TEXT, chip TEXT, owner INT, age INT"),
            after: table("id INTEGER NOT NULL, kind TEXT, chip TEXT, owner INT, age INT, PRIMARY KEY (id)"),
            operation: .addPrimaryKey(AddPrimaryKey(table: "animals", columns: ["id"]))),
        Case(
            name: "add_primary_key over two columns, with indexes, a view and a trigger",
            before: table(
                "id INT NOT NULL, kind TEXT COLLATE NOCASE, chip TEXT UNIQUE, owner INT REFERENCES owners, age INT"
            ) + tied,
            after: table(
                "id INT NOT NULL, kind TEXT COLLATE NOCASE NOT NULL, chip TEXT UNIQUE, owner INT REFERENCES owners, age INT, "
                    + "CONSTRAINT pk PRIMARY KEY (kind, id)") + tied,
            operation: .addPrimaryKey(AddPrimaryKey(table: "animals", name: "pk", columns: ["kind", "id"]))),
        Case(
            name: "drop_constraint of a CHECK",
            before: table(plain + ", CONSTRAINT c CHECK (age > 0), CHECK (age < 99)"),
            after: table(plain + ", CHECK (age < 99)"),
            operation: .dropConstraint(DropConstraint(table: "animals", name: "c"))),
        Case(
            name: "drop_constraint of a foreign key",
            before: table(plain.replacing("owner INT", with: "owner INT CONSTRAINT fk REFERENCES owners")),
            after: table(plain),
            operation: .dropConstraint(DropConstraint(table: "animals", name: "fk"))),
        Case(
            name: "drop_constraint of a UNIQUE",
            before: table(
                plain.replacing("chip TEXT", with: "chip TEXT CONSTRAINT u UNIQUE ON CONFLICT REPLACE"))
                + tied,
            after: table(plain) + tied,
            operation: .dropConstraint(DropConstraint(table: "animals", name: "u"))),
        Case(
            name: "drop_constraint of a primary key",
            before: table(
                "id INT NOT NULL CONSTRAINT pk PRIMARY KEY, kind TEXT, chip TEXT, owner INT, age INT") + tied,
            after: table("id INT NOT NULL, kind TEXT, chip TEXT, owner INT, age INT") + tied,
            operation: .dropConstraint(DropConstraint(table: "animals", name: "pk"))),
        Case(
            name: "drop_constraint of an INTEGER PRIMARY KEY",
            before: table("id INTEGER CONSTRAINT pk PRIMARY KEY, kind TEXT, chip TEXT, owner INT, age INT"),
            after: table("id INTEGER NOT NULL, kind TEXT, chip TEXT, owner INT, age INT"),
            operation: .dropConstraint(DropConstraint(table: "animals", name: "pk"))),
        Case(
            name: "rename_constraint", before: table(plain + ", CONSTRAINT c CHECK (age > 0)"),
            after: table(plain + ", CONSTRAINT `d``d` CHECK (age > 0)"),
            operation: .renameConstraint(RenameConstraint(table: "animals", from: "c", to: "d`d"))),
        Case(
            name: "drop_column with a CHECK, a foreign key and NOT NULL",
            before: table(
                plain.replacing("owner INT", with: "owner INT NOT NULL REFERENCES owners")
                    + ", CHECK (owner > 0 OR age > 0)"),
            after: owners + "CREATE TABLE animals (id INTEGER PRIMARY KEY, kind TEXT, chip TEXT, age INT)",
            operation: .dropColumn(DropColumn(table: "animals", column: "owner"))),
        Case(
            name: "drop_column with two UNIQUE",
            before: table(
                plain.replacing("chip TEXT", with: "chip TEXT UNIQUE CHECK (chip <> '')")
                    + ", UNIQUE (kind, chip)"),
            after: owners + "CREATE TABLE animals (id INTEGER PRIMARY KEY, kind TEXT, owner INT, age INT)",
            operation: .dropColumn(DropColumn(table: "animals", column: "chip"))),
    ]

    private static let tied = """
        CREATE INDEX "by owner" ON animals (owner DESC, age); CREATE UNIQUE INDEX partial ON animals (chip) WHERE age > 1;
        CREATE UNIQUE INDEX low ON animals (lower(chip) || 'x', id); CREATE VIEW dogs AS SELECT chip FROM animals WHERE kind = 'dog';
        CREATE VIEW again AS SELECT * FROM dogs; CREATE TABLE log (what TEXT);
        CREATE TRIGGER told AFTER INSERT ON animals BEGIN INSERT INTO log VALUES (NEW.chip); END;
        CREATE TRIGGER other AFTER DELETE ON owners BEGIN UPDATE animals SET age = 0 WHERE owner = OLD.id; END;
        CREATE TRIGGER instead INSTEAD OF INSERT ON dogs BEGIN INSERT INTO animals (chip) VALUES (NEW.chip); END;
        """

    private struct Struck: Error {}

    private func prepared(_ script: String, _ operation: MigrationCore.Operation) throws -> (
        Scratch, [MigrationSource]
    ) {
        let scratch = try Scratch(.sqlite)
        try scratch.session.execute(script)
        let sources = [try MigrationSource("0001", operation)]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        return (scratch, sources)
    }

    private func data(_ scratch: Scratch) throws -> [[SQLValue]] {
        try scratch.run("SELECT * FROM animals ORDER BY kind, id").rows
    }

    /// The facts, and the tables' own texts, but for the quotes that a rename there and back leaves behind.
    private func whole(_ scratch: Scratch) throws -> [String] {
        try facts(scratch)
            + scratch.run(
                "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%bellows%' ORDER BY name"
            ).rows.compactMap { $0[0].text?.replacing("\"", with: "") }
    }

    private func facts(_ scratch: Scratch) throws -> [String] {
        let schema = try (scratch.session as? SQLiteSession)?.connection.introspect()
        let table = try #require(schema?["animals"])
        var facts =
            table.columns.map { "\($0)" } + table.uniqueConstraints.map { "\($0)" } + ["\(table.primaryKey)"]
        facts += table.foreignKeys.map { "\($0)" } + table.checks.map { "\($0.name ?? "") \($0.definition)" }
        facts += table.indexes.map { "\($0.name) \($0.isUnique) \($0.definition)" }.sorted()
        facts += try scratch.run(
            "SELECT sql FROM sqlite_schema WHERE type IN ('view', 'trigger', 'index') AND sql IS NOT NULL ORDER BY name"
        ).rows.compactMap { $0[0].text?.replacing("`", with: "") }
        return facts
    }

    @Test(arguments: all)
    func endsAsIfItHadBeenMadeSo(example: Case) throws {
        let (scratch, sources) = try prepared(example.before, example.operation)
        let rows = try data(scratch)
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
        let oracle = try Scratch(.sqlite)
        try oracle.session.execute(example.after)
        #expect(try facts(scratch) == facts(oracle))
        if case .dropColumn = example.operation {} else { #expect(try data(scratch) == rows) }
        try expectSound(scratch)
    }

    private func expectSound(_ scratch: Scratch) throws {
        let fresh = try #require(try scratch.connect() as? SQLiteSession)
        #expect(try fresh.query("PRAGMA integrity_check").rows == [["ok"]])
        #expect(try fresh.query("PRAGMA foreign_key_check").rows.isEmpty)
        #expect(try fresh.query("PRAGMA foreign_keys").scalar == 1)
        #expect(
            try fresh.query(
                "SELECT name FROM sqlite_schema WHERE sql LIKE '%bellows~_next%' ESCAPE '~' OR sql LIKE '%bellows~_retired%' ESCAPE '~'"
            )
            .rows.isEmpty)
    }

    @Test(arguments: all)
    func goesBackFromEveryStep(example: Case) throws {
        let (scratch, sources) = try prepared(example.before, example.operation)
        let before = try whole(scratch)
        let rows = try data(scratch)
        let steps = try #require(try scratch.engine().plans(sources).first).steps.map(\.step)
        for step in steps.dropFirst()
        where steps.prefix(while: { $0.id != step.id }).allSatisfy(\.isReversible) {
            let stop = Settings.test.with { settings in
                settings.faults.strike = { moment, id in
                    if moment == .beforeStep, id == step.id { throw Struck() }
                }
            }
            #expect(throws: EngineError.self) {
                _ = try scratch.engine(stop).apply(sources, through: .contract)
            }
            let report = try scratch.rollBack(sources)
            #expect(report.migrations.map(\.outcome) == [.rolledBack], "from \(step.id)")
            let after = try whole(scratch)
            #expect(after == before, "from \(step.id)")
            #expect(try data(scratch) == rows, "from \(step.id)")
            try expectSound(scratch)
            try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        }
        let report = try scratch.engine().apply(sources, through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished])
    }

    /// Stopped at every moment that there is, it ends in the same place.
    @Test(arguments: all)
    func goesOnWhereItStopped(example: Case) throws {
        let (straight, sources) = try prepared(example.before, example.operation)
        _ = try straight.engine().apply(sources, through: .contract)
        let (broken, _) = try prepared(example.before, example.operation)
        let seen = SeenMoments()
        var outcome: MigrationReport.Outcome?
        for _ in 0..<200 where outcome == nil {
            let settings = Settings.test.with { $0.faults.strike = { try seen.strike("\($0) \($1)") } }
            outcome = try? broken.engine(settings).apply(sources, through: .contract).migrations.first?
                .outcome
        }
        #expect(outcome == .finished)
        let (one, other) = (try whole(broken), try whole(straight))
        #expect(one == other)
        #expect(try data(broken) == data(straight))
        try expectSound(broken)
    }
}
