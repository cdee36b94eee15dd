import DoubleWrite
import MigrationCore
import Testing

/// Refusals of the operations that are not renames.
@Suite struct SimpleOperationRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects: [Dialect] = Dialect.allCases
        var operation: Operation
        /// The path below the operation, and a word of the message.
        var path: String
        var word: String

        var testDescription: String { name }
    }

    private static func add(_ column: ColumnDefinition) -> Operation {
        .addColumn(AddColumn(table: "animals", column: column))
    }

    private static func create(_ columns: [ColumnDefinition], key: [String] = []) -> Operation {
        .createTable(CreateTable(table: "toys", columns: columns, primaryKey: key))
    }

    private static func index(_ name: String, _ keys: [CreateIndex.Key], _ condition: PerDialect? = nil)
        -> Operation
    {
        .createIndex(CreateIndex(table: "animals", name: name, keys: keys, condition: condition))
    }

    static let all: [Case] = [
        Case(name: "no columns", operation: create([]), path: "columns", word: "at least one"),
        Case(
            name: "table taken",
            operation: .createTable(CreateTable(table: "animals", columns: [.init(name: "a", type: "text")])),
            path: "table", word: "exists already"),
        Case(
            name: "type of the other dialect only", dialects: [.postgres],
            operation: create([ColumnDefinition(name: "a", type: PerDialect(postgres: nil, sqlite: "text"))]),
            path: "columns[0].type", word: "not given for postgres"),
        Case(
            name: "column twice",
            operation: create([.init(name: "a", type: "text"), .init(name: "a", type: "text")]),
            path: "columns[1].name", word: "twice"),
        Case(
            name: "key of nothing", operation: create([.init(name: "number", type: "text")], key: ["numbr"]),
            path: "primary_key[0]", word: "did you mean 'number'"),
        Case(
            name: "two keys",
            operation: create([
                .init(name: "a", type: "text", isPrimaryKey: true),
                .init(name: "b", type: "text", isPrimaryKey: true),
            ]), path: "primary_key", word: "one primary key"),
        Case(
            name: "points at no table",
            operation: create([.init(name: "a", type: "text", references: ForeignKeyTarget(table: "animal"))]
            ),
            path: "columns[0].references.table", word: "did you mean 'animals'"),
        Case(
            name: "points at no key",
            operation: create([
                .init(
                    name: "a", type: "text", references: ForeignKeyTarget(table: "animals", columns: ["kind"])
                )
            ]),
            path: "columns[0].references.column", word: "not unique"),
        Case(
            name: "add twice", operation: add(.init(name: "kind", type: "text")), path: "column.name",
            word: "already"),
        Case(
            name: "add NOT NULL", operation: add(.init(name: "a", type: "text", isNullable: false)),
            path: "column.nullable",
            word: "constant default"),
        Case(
            name: "add a key", operation: add(.init(name: "a", type: "text", isPrimaryKey: true)),
            path: "column.primary_key", word: "create_table"),
        Case(
            name: "add unique with a default",
            operation: add(.init(name: "a", type: "text", defaultValue: "'x'", isUnique: true)),
            path: "column.unique",
            word: "same default"),
        Case(
            name: "add volatile", operation: add(.init(name: "a", type: "float", defaultValue: "random()")),
            path: "column.default", word: "not a constant"),
        Case(
            name: "add serial", dialects: [.postgres], operation: add(.init(name: "a", type: "bigserial")),
            path: "column.type", word: "written anew"),
        Case(
            name: "add a reference with a default", dialects: [.sqlite],
            operation: add(
                .init(
                    name: "a", type: "text", defaultValue: "1", references: ForeignKeyTarget(table: "animals")
                )),
            path: "column.default", word: "other than NULL"),
        Case(name: "index without keys", operation: index("i", []), path: "columns", word: "at least one"),
        Case(
            name: "index taken", operation: index("animals", [.init(.column("kind"))]), path: "name",
            word: "exists already"),
        Case(
            name: "index of nothing", operation: index("i", [.init(.column("kin"))]), path: "columns[0]",
            word: "did you mean 'kind'"),
        Case(
            name: "empty condition", operation: index("i", [.init(.column("kind"))], " "), path: "where",
            word: "empty"),
        Case(
            name: "no such index", operation: .dropIndex(DropIndex(table: "animals", name: "i")),
            path: "name",
            word: "does not exist"),
        Case(
            name: "drop nothing", operation: .dropColumn(DropColumn(table: "animals", column: "aeg")),
            path: "column",
            word: "did you mean 'age'"),
        Case(
            name: "drop a key", operation: .dropColumn(DropColumn(table: "animals", column: "id")),
            path: "column",
            word: "primary key"),
        Case(name: "no SQL", operation: .sql(RawSQL()), path: "", word: "no statement"),
        Case(name: "empty SQL", operation: .sql(RawSQL(expand: ["  ;"])), path: "expand[0]", word: "empty"),
        Case(
            name: "BEGIN", operation: .sql(RawSQL(expand: ["begin; select 1"])), path: "expand[0]",
            word: "one transaction"),
        Case(
            name: "CONCURRENTLY", dialects: [.postgres],
            operation: .sql(RawSQL(transition: ["CREATE INDEX CONCURRENTLY i ON t (a)"])),
            path: "transition[0]", word: "create_index"),
    ]

    @Test(arguments: all)
    func isRefused(example: Case) {
        for dialect in example.dialects {
            let refusals = Planner(dialect: dialect).refusals(example.operation, .animals(dialect))
            let path =
                "operations[0].\(example.operation.keyword)" + (example.path.isEmpty ? "" : ".")
                + example.path + ":"
            #expect(
                refusals.contains { $0.hasPrefix(path) && $0.contains(example.word) },
                "\(dialect): expected \(path) ... \(example.word), got \(refusals)")
        }
    }

    @Test func whatDropColumnRefuses() {
        let view: (inout Table) -> Void = {
            $0.dependents = [Dependent(kind: .view, name: "v", columns: ["kind"])]
        }
        for dialect in Dialect.allCases {
            #expect(Planner(dialect: dialect).refusals(dropKind, .animals(dialect, view)).count == 1)
        }
        let changes: [(inout Table) -> Void] = [
            { $0.changeKind { $0.isNullable = false } },
            { $0.uniqueConstraints = [UniqueConstraint(name: nil, columns: ["kind"])] },
            {
                $0.checks = [
                    CheckConstraint(
                        name: nil, definition: SQLTemplate("CHECK (kind > '')"), columns: ["kind"])
                ]
            },
            {
                $0.foreignKeys = [
                    ForeignKey(name: nil, columns: ["kind"], target: ForeignKeyTarget(table: "owners"))
                ]
            },
        ]
        for change in changes {
            for dialect in Dialect.allCases {
                #expect(Planner(dialect: dialect).refusals(dropKind, .animals(dialect, change)) == [])
            }
        }
    }
}
