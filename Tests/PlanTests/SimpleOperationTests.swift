import DoubleWrite
import MigrationCore
import Testing

/// The operations that are not renames by a second column, run for real: forward, as the planner says, and back.
@Suite struct SimpleOperationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects: [Dialect] = Dialect.allCases
        var operation: Operation

        var testDescription: String { name }
    }

    private static let setUp: [Dialect: [String]] = [
        .postgres: [
            "CREATE TABLE owners (id bigint PRIMARY KEY)", "INSERT INTO owners VALUES (1), (2)",
            """
            CREATE TABLE animals (id bigint PRIMARY KEY, kind text NOT NULL, age integer DEFAULT 3, chip text,
                owner bigint REFERENCES owners, CONSTRAINT pair UNIQUE (kind, chip), CONSTRAINT lone UNIQUE (chip),
                CONSTRAINT aged CHECK (age > 0 OR kind = 'x'), CONSTRAINT chipped CHECK (chip <> 'none'))
            """,
            "CREATE INDEX animals_kind_idx ON animals (kind)",
            "COMMENT ON INDEX animals_kind_idx IS 'by kind'",
            "CREATE UNIQUE INDEX kind_age ON animals (kind, id, age)",
            "INSERT INTO animals VALUES (1, 'dog', 3, 'a', 1), (2, 'cat', 4, NULL, 2)",
        ],
        .sqlite: [
            "CREATE TABLE owners (id INTEGER PRIMARY KEY)", "INSERT INTO owners VALUES (1), (2)",
            """
            CREATE TABLE animals (id INTEGER PRIMARY KEY, kind text, age integer DEFAULT 3,
                chip text UNIQUE, owner integer REFERENCES owners)
            """,
            "CREATE INDEX animals_kind_idx ON animals (kind)",
            "CREATE UNIQUE INDEX kind_age ON animals (kind, id, age)",
            "CREATE VIEW dogs AS SELECT id, chip FROM animals WHERE chip <> 'chip'",
            "INSERT INTO animals VALUES (1, 'dog', 3, 'a', 1), (2, 'cat', 4, NULL, 2)",
        ],
    ]

    private static func add(_ column: ColumnDefinition) -> Operation {
        .addColumn(AddColumn(table: "animals", column: column))
    }

    static let all: [Case] = [
        Case(
            name: "create_table with everything",
            operation: .createTable(
                CreateTable(
                    table: "toys",
                    columns: [
                        ColumnDefinition(
                            name: "id", type: PerDialect(postgres: "bigserial", sqlite: "INTEGER"),
                            isNullable: false,
                            isPrimaryKey: true),
                        ColumnDefinition(
                            name: "na\"me", type: "text", isNullable: false, defaultValue: "'it''s'",
                            isUnique: true),
                        ColumnDefinition(name: "price", type: "integer", check: "price > 0 -- cents"),
                        ColumnDefinition(
                            name: "owner", type: "bigint",
                            references: ForeignKeyTarget(
                                table: "owners", columns: ["id"], onDelete: .cascade, onUpdate: .setNull)),
                        ColumnDefinition(
                            name: "parent", type: "bigint", references: ForeignKeyTarget(table: "toys")),
                    ]))),
        Case(
            name: "create_table with a key over two columns",
            operation: .createTable(
                CreateTable(
                    table: "rides",
                    columns: [
                        ColumnDefinition(name: "a", type: "bigint", isNullable: false),
                        ColumnDefinition(
                            name: "b b", type: "bigint", isNullable: false, defaultValue: "1 + 1"),
                    ], primaryKey: ["b b", "a"]))),
        Case(
            name: "add_column", operation: add(ColumnDefinition(name: "weight", type: "integer"))),
        Case(
            name: "add_column NOT NULL with a default and a CHECK",
            operation: add(
                ColumnDefinition(
                    name: "weight", type: "integer", isNullable: false, defaultValue: "0",
                    check: "weight >= 0"))),
        Case(
            name: "add_column UNIQUE that points",
            operation: add(
                ColumnDefinition(
                    name: "vet", type: "bigint", isUnique: true,
                    references: ForeignKeyTarget(table: "owners", columns: ["id"], onDelete: .cascade)))),
        Case(
            name: "create_index",
            operation: .createIndex(
                CreateIndex(
                    table: "animals", name: "by \"age\"",
                    keys: [.init(.column("age"), isDescending: true), .init(.expression("lower(kind)"))],
                    isUnique: true,
                    condition: "age > 0 -- no babies"))),
        Case(
            name: "drop_index", operation: .dropIndex(DropIndex(table: "animals", name: "animals_kind_idx"))),
        Case(
            name: "drop_column with indexes",
            operation: .dropColumn(DropColumn(table: "animals", column: "kind"))),
        Case(
            name: "drop_column with a default",
            operation: .dropColumn(DropColumn(table: "animals", column: "age"))),
        Case(
            name: "drop_column that points", dialects: [.postgres],
            operation: .dropColumn(DropColumn(table: "animals", column: "owner"))),
        Case(
            name: "rename_column in place",
            operation: .renameColumn(
                RenameColumn(table: "animals", from: "chip", to: "tag", strategy: .inPlace))),
        Case(
            name: "rename_column in place of a primary key that is referenced",
            operation: .renameColumn(
                RenameColumn(table: "owners", from: "id", to: "number", strategy: .inPlace))),
        Case(
            name: "sql",
            operation: .sql(
                RawSQL(
                    expand: ["CREATE TABLE raw (a integer)"], transition: ["DELETE FROM raw"],
                    undo: ["DROP TABLE raw"]))),
    ]

    @Test(arguments: all)
    func forwardAndBack(example: Case) throws {
        for dialect in example.dialects { try forwardAndBack(example, dialect) }
    }

    private func forwardAndBack(_ example: Case, _ dialect: Dialect) throws {
        let script = Self.setUp[dialect] ?? []
        let database = try TestDatabase(dialect, script)
        let before = try database.schema()
        let planner = Planner(dialect: dialect)
        let migration = Migration(name: "m", operations: [example.operation])
        let plan = try planner.plan(migration, schema: before)
        let run = PlanRun(database: database)
        for (_, step) in plan.steps { try run.run(step) }

        if case .sql = example.operation {
        } else {
            var said = try planner.schema(after: migration, from: before)
            said.normalize()
            let difference = try database.schema().shapes.symmetricDifference(said.shapes)
            #expect(difference.isEmpty, "\(dialect): \(difference.sorted())")
        }
        let steps = plan.steps.map(\.step).prefix { $0.isReversible }
        for end in 1...max(1, steps.count) where end <= steps.count {
            try database.reset(script)
            for step in steps.prefix(end) { try run.run(step) }
            for step in steps.prefix(end).reversed() { for undo in step.undo { try run.run(undo) } }
            // The expand's undo takes back what the transition's statements did as well.
            #expect(
                difference(try database.schema(), before) == "",
                "\(dialect): undone from behind \(steps[end - 1].id)")
        }
    }
}
