import DoubleWrite
import MigrationCore
import Testing

@testable import MigrationEngine

/// What a file declares and the rows that are there break is counted and shown before anything changes.
@Suite struct DeclaredConstraintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var operation: MigrationCore.Operation
        /// How many rows break each of what is counted.
        var counts: [Int64]
        /// What of the first row is shown.
        var shown: String
        var dialects = Dialect.allCases

        var testDescription: String { name }
    }

    private static let schema: [String] = [
        "CREATE TABLE owners (id integer PRIMARY KEY, code text UNIQUE)",
        "INSERT INTO owners VALUES (1, 'a'), (2, 'b')",
        "CREATE TABLE animals (id integer PRIMARY KEY, kind text, name text, owner integer, loose text, paid integer)",
        "CREATE UNIQUE INDEX looses ON animals (loose)",
        """
        INSERT INTO animals VALUES (1, 'dog', 'Rex a', 1, '1', 1), (2, 'Dog', 'Tom b', 2, '01', 1),
            (3, 'cat', 'Ada z', 9, NULL, 0), (4, NULL, 'Rex c', NULL, NULL, NULL), (5, 'dog', NULL, 1, '5', 5)
        """,
        "CREATE TABLE notes (day integer, number integer)",
        "INSERT INTO notes VALUES (1, 1), (1, 1), (2, NULL)",
    ]

    private static let first = PerDialect(
        postgres: "split_part(name, ' ', 1)", sqlite: "substr(name, 1, instr(name, ' ') - 1)")
    private static let last = PerDialect(
        postgres: "split_part(name, ' ', 2)", sqlite: "substr(name, instr(name, ' ') + 1)")

    private static func split(_ change: (inout ColumnDefinition) -> Void) -> MigrationCore.Operation {
        var definition = ColumnDefinition(name: "tail", type: "text")
        change(&definition)
        let isFirst = definition.isUnique
        return .splitColumn(
            SplitColumn(
                table: "animals", from: "name",
                to: [
                    DerivedColumn(definition: definition, up: isFirst ? first : last),
                    DerivedColumn(
                        definition: ColumnDefinition(name: "rest", type: "text"), up: isFirst ? last : first),
                ], down: isFirst ? "tail || ' ' || rest" : "rest || ' ' || tail"))
    }

    static let cases: [Case] = [
        Case(
            name: "add_unique",
            operation: .addUnique(AddUnique(table: "animals", name: "kinds", columns: ["kind"])),
            counts: [2], shown: "dog"),
        Case(
            name: "create_index unique, over expressions, with a condition",
            operation: .createIndex(
                CreateIndex(
                    table: "animals", name: "kinds", keys: [.init(.expression("lower(kind) -- folded"))],
                    isUnique: true, condition: "id <> 5 -- not that one")), counts: [2], shown: "dog"),
        Case(
            name: "create_index unique over several keys",
            operation: .createIndex(
                CreateIndex(
                    table: "animals", name: "kinds",
                    keys: [.init(.column("kind"), isDescending: true), .init(.expression("owner + 0"))],
                    isUnique: true)), counts: [2], shown: "dog"),
        Case(
            name: "add_primary_key",
            operation: .addPrimaryKey(AddPrimaryKey(table: "notes", columns: ["day", "number"])),
            counts: [0, 1, 2], shown: "1"),
        Case(
            name: "add_foreign_key",
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "owned", columns: ["owner"],
                    target: ForeignKeyTarget(table: "owners"))), counts: [1], shown: "9"),
        Case(
            name: "add_check",
            operation: .addCheck(
                AddCheck(table: "animals", name: "payers", check: "paid > id -- id, not paid")),
            counts: [4], shown: "1"),
        Case(
            name: "set_not_null", operation: .setNotNull(SetNotNull(table: "animals", column: "kind")),
            counts: [1], shown: "4"),
        Case(
            name: "a new column's unique, over what up makes", operation: split { $0.isUnique = true },
            counts: [0, 2], shown: "Rex"),
        Case(
            name: "a new column's references, over what up makes",
            operation: split { $0.references = ForeignKeyTarget(table: "owners", columns: ["code"]) },
            counts: [0, 2], shown: "z"),
        Case(
            name: "a unique index on the new type",
            operation: .changeType(
                ChangeType(
                    table: "animals", column: "loose", type: "integer", up: "CAST(loose AS integer)",
                    down: "CAST(loose AS text)", isLossyDown: true)), counts: [2], shown: "01"),
        Case(
            name: "a foreign key and a CHECK that are carried over",
            operation: .changeColumn(
                ChangeColumn(table: "pets", from: "owner", to: "keeper", type: "integer", isLossyDown: true)),
            counts: [2, 2], shown: "2.5", dialects: [.postgres]),
    ]

    @Test(arguments: cases)
    func isCountedAndShown(example: Case) throws {
        for dialect in example.dialects {
            let scratch = try Scratch(dialect)
            for statement in Self.schema { try scratch.run(statement) }
            if dialect == .postgres {
                try scratch.session.execute(
                    """
                    CREATE TABLE keepers (id numeric PRIMARY KEY);
                    INSERT INTO keepers VALUES (1), (2.5), (5.5);
                    CREATE TABLE pets (id integer PRIMARY KEY,
                        owner numeric REFERENCES keepers, CHECK (owner < 5.8 AND owner <> 3));
                    INSERT INTO pets VALUES (1, 1), (2, 2.5), (3, 5.5)
                    """)
            }
            let before = try scratch.fingerprint()
            let sources = [try MigrationSource("0002", example.operation)]
            let report = try scratch.engine(.alone).apply(sources, through: .contract)
            guard case .waiting(let gates) = try #require(report.migrations.first).outcome,
                case .violations(let found) = try #require(gates.first).condition
            else {
                Issue.record("\(dialect): it does not wait: \(report)")
                continue
            }
            #expect(found.counts.map(\.violations) == example.counts, "\(dialect): \(found)")
            #expect("\(found.samples.rows)".contains(example.shown), "\(dialect): \(found.samples)")
            #expect(try scratch.fingerprint() == before, "\(dialect): something has changed")
        }
    }

    /// What cannot be on the new type, or cannot be read, is told at its place in the file.
    @Test func whatTheDatabaseRefuses() throws {
        let scratch = try Scratch(.postgres)
        try scratch.session.execute(
            """
            CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
            CREATE DOMAIN work_email AS email;
            CREATE TABLE owners (id integer PRIMARY KEY, code text UNIQUE);
            CREATE TABLE animals (id integer PRIMARY KEY, kind text, code text REFERENCES owners (code),
                long text CHECK (length(long) > 1), mail text);
            CREATE INDEX kinds ON animals (kind text_pattern_ops)
            """)
        let before = try scratch.fingerprint()
        func type(_ column: String, _ type: PerDialect) -> MigrationCore.Operation {
            .changeType(
                ChangeType(
                    table: "animals", column: column, type: type,
                    up: PerDialect("NULL::\(type.postgres ?? "")"), down: "NULL::text"))
        }
        let cases: [(MigrationCore.Operation, String, String)] = [
            (type("kind", "json"), "change_type.type", "'kinds'"),
            (type("code", "integer"), "change_type.type", "foreign key"),
            (type("long", "integer"), "change_type.type", "length"),
            (type("mail", "email"), "change_type.type", "domain"),
            (type("mail", "work_email"), "change_type.type", "domain"),
            (
                .addColumn(
                    AddColumn(table: "animals", column: ColumnDefinition(name: "m", type: "work_email"))),
                "add_column.column.type", "domain"
            ),
            (
                .addColumn(AddColumn(table: "animals", column: ColumnDefinition(name: "m", type: "txet"))),
                "add_column.column.type", "txet"
            ),
            (
                .addForeignKey(
                    AddForeignKey(
                        table: "animals", name: "f", columns: ["kind"],
                        target: ForeignKeyTarget(table: "owners"))), "add_foreign_key.columns", "implemented"
            ),
        ]
        for (operation, path, word) in cases {
            let source = try MigrationSource("0002", operation)
            let error = #expect(throws: EngineError.self, "\(path) \(word)") {
                _ = try scratch.engine(.alone).apply([source], through: .contract)
            }
            guard case .planning(let problems)? = error?.reason else {
                Issue.record("\(path) \(word): \(String(describing: error))")
                continue
            }
            #expect(
                problems.contains { $0.path == "operations[0].\(path)" && $0.message.contains(word) },
                "\(problems)")
        }
        #expect(try scratch.fingerprint() == before)
    }

    /// A domain that demands nothing is a type like any other.
    @Test func aPlainDomain() throws {
        let scratch = try Scratch(.postgres)
        try scratch.session.execute(
            "CREATE DOMAIN word AS text; CREATE TABLE t (id integer PRIMARY KEY, n text)")
        let source = try MigrationSource(
            "0002",
            .addColumn(AddColumn(table: "t", column: ColumnDefinition(name: "m", type: "word"))))
        #expect(try scratch.engine(.alone).apply([source], through: .contract).exitCode == 0)
    }
}
