import DoubleWrite
import MigrationCore
import Testing

/// Plans of changes of shape as they are read, and what keeps one from being made.
@Suite struct ShapePlanTests {
    static let split = SplitColumn(
        table: "animals", from: "kind",
        to: [
            DerivedColumn(
                definition: ColumnDefinition(
                    name: "family", type: "text", isNullable: false, defaultValue: "''",
                    check: "family <> 'x'",
                    comment: "The first word."),
                up: PerDialect(
                    postgres: "split_part(kind, ' ', 1)",
                    sqlite: "substr(kind, 1, instr(kind || ' ', ' ') - 1)")),
            DerivedColumn(
                definition: ColumnDefinition(name: "rest", type: "text", isUnique: true),
                up: PerDialect(
                    postgres: "substr(kind, length(split_part(kind, ' ', 1)) + 1)",
                    sqlite: "substr(kind, instr(kind || ' ', ' '))")),
        ], down: "family || rest")

    static let merge = MergeColumns(
        table: "animals",
        from: [
            MergedColumn(name: "kind", down: "substr(tag, 5)"),
            MergedColumn(name: "age", down: "nullif(CAST(substr(tag, 1, 4) AS integer), -1)"),
        ],
        to: DerivedColumn(
            definition: ColumnDefinition(name: "tag", type: "text"),
            up: PerDialect(
                postgres: "lpad(coalesce(age, -1)::text, 4) || kind",
                sqlite: "substr('    ' || coalesce(age, -1), -4) || kind")), isLossyDown: true)

    static let cents = ChangeColumn(
        table: "animals", from: "age", to: "months", type: PerDialect(postgres: "bigint", sqlite: "INTEGER"),
        check: "months >= 0", up: "age * 12", down: "months / 12")

    static let type = ChangeType(
        table: "animals", column: "age", type: PerDialect(postgres: "numeric(6,2)", sqlite: "TEXT"))

    static let operations: [(String, MigrationCore.Operation)] = [
        ("split_column", .splitColumn(split)), ("merge_columns", .mergeColumns(merge)),
        ("change_column", .changeColumn(cents)), ("change_type", .changeType(type)),
    ]

    @Test(arguments: Dialect.allCases)
    func golden(dialect: Dialect) throws {
        for (name, operation) in Self.operations {
            let plan = try Planner(dialect: dialect).plan(
                Migration(name: name, operations: [operation]), schema: .animals(dialect))
            try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/\(name).txt")
        }
    }

    /// Integer keys become bigint, with what counts them and what refers to them.
    static let keys: (migration: Migration, schema: Schema) = {
        let owners = Table(
            name: "owners",
            columns: [Column(name: "id", type: "integer", isNullable: false, identity: "BY DEFAULT")],
            primaryKey: ["id"])
        let animals = Table.animals { table in
            table.columns[2].name = "owner"
            table.foreignKeys = [
                ForeignKey(
                    name: "animals_owner_fkey", columns: ["owner"],
                    target: ForeignKeyTarget(table: "owners", columns: ["id"], onDelete: .cascade))
            ]
        }
        let migration = Migration(
            name: "bigint_keys",
            operations: [
                .changeType(ChangeType(table: "owners", column: "id", type: "bigint")),
                .changeType(ChangeType(table: "animals", column: "owner", type: "bigint")),
            ])
        return (migration, Schema(dialect: .postgres, tables: [owners, animals]))
    }()

    @Test func goldenKeys() throws {
        let plan = try Planner(dialect: .postgres).plan(Self.keys.migration, schema: Self.keys.schema)
        try GoldenFile.check(PlanText.render(plan), against: "postgres/bigint_keys.txt")
    }

    @Test func goldenInPlace() throws {
        let schema = Schema.animals(.postgres) { $0.changeKind { $0.type = "character varying(20)" } }
        let plan = try Planner(dialect: .postgres).plan(
            Migration(
                name: "change_type_in_place",
                operations: [.changeType(ChangeType(table: "animals", column: "kind", type: "varchar(80)"))]),
            schema: schema)
        try GoldenFile.check(PlanText.render(plan), against: "postgres/change_type_in_place.txt")
    }

    // MARK: - Refusals

    /// One mistake, the dialects in which it is one, and words of the message.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects = Dialect.allCases
        var operation: MigrationCore.Operation
        var place: String
        var words: [String]
        var change: @Sendable (inout Table) -> Void = { _ in }

        var testDescription: String { name }
    }

    private static func changing(_ change: (inout ChangeColumn) -> Void) -> MigrationCore.Operation {
        var operation = cents
        change(&operation)
        return .changeColumn(operation)
    }

    private static func splitting(_ change: (inout SplitColumn) -> Void) -> MigrationCore.Operation {
        var operation = split
        change(&operation)
        return .splitColumn(operation)
    }

    static let cases: [Case] = [
        Case(
            name: "the same type", dialects: [.postgres],
            operation: .changeType(ChangeType(table: "animals", column: "age", type: "int4")), place: "type",
            words: ["of the type int4 already"]),
        Case(
            name: "serial", dialects: [.postgres],
            operation: .changeType(ChangeType(table: "animals", column: "age", type: "bigserial")),
            place: "type",
            words: ["values of its own"]),
        Case(
            name: "no such column",
            operation: .changeType(ChangeType(table: "animals", column: "aeg", type: "text")),
            place: "column",
            words: ["did you mean 'age'"]),
        Case(
            name: "a type for the other dialect only", dialects: [.sqlite],
            operation: .changeType(
                ChangeType(table: "animals", column: "age", type: PerDialect(postgres: "bigint", sqlite: nil))
            ),
            place: "type", words: ["not given for sqlite"]),
        Case(
            name: "shadow taken", operation: .changeType(type), place: "column",
            words: ["'_bellows_new_age'", "finish that one first"]
        ) { $0.columns.append(Column(name: "_bellows_new_age", type: "text")) },
        Case(
            name: "up without down", operation: changing { $0.down = nil }, place: "up",
            words: ["'down' is missing", "'months'"]),
        Case(
            name: "only the name",
            operation: .changeColumn(ChangeColumn(table: "animals", from: "age", to: "months")), place: "",
            words: ["use rename_column"]),
        Case(
            name: "nothing",
            operation: .changeColumn(
                ChangeColumn(table: "animals", from: "age", to: "age", isNullable: true)),
            place: "", words: ["use set_not_null"]),
        Case(
            name: "a default that nothing is said of", operation: changing { _ in }, place: "default",
            words: ["declare default:"]
        ) { $0.columns[2].defaultValue = "3" },
        Case(
            name: "target taken", operation: changing { $0.to = "kind" }, place: "to",
            words: ["'kind' already"]),
        Case(
            name: "CHECK of another meaning", dialects: [.postgres], operation: changing { $0.check = nil },
            place: "from", words: ["CHECK 'old'", "drop_constraint"]
        ) {
            $0.checks = [
                CheckConstraint(name: "old", definition: SQLTemplate("CHECK ({age} > 0)"), columns: ["age"])
            ]
        },
        Case(
            name: "foreign key of another meaning", dialects: [.postgres], operation: changing { _ in },
            place: "from", words: ["foreign key 'f'"]
        ) {
            $0.foreignKeys = [
                ForeignKey(
                    name: "f", columns: ["age"], target: ForeignKeyTarget(table: "animals", columns: ["id"]))
            ]
        },
        Case(
            name: "unique index of a split column", operation: splitting { _ in }, place: "from",
            words: ["index 'one'", "drop_index"]
        ) {
            $0.indexes = [
                Index(name: "one", isUnique: true, definition: SQLTemplate("({kind})"), columns: ["kind"])
            ]
        },
        Case(
            name: "split into one", operation: splitting { $0.to.removeLast() }, place: "to",
            words: ["use change_column"]),
        Case(
            name: "the same name twice", operation: splitting { $0.to[1].definition.name = "family" },
            place: "to.family", words: ["stands twice"]),
        Case(
            name: "a parenthesis too many", operation: splitting { $0.to[0].up = "kind)" },
            place: "to.family.up", words: ["closes a parenthesis"]),
        Case(
            name: "nothing but a comment", operation: splitting { $0.down = "-- family" }, place: "down",
            words: ["nothing but a comment"]),
        Case(
            name: "the clock", dialects: [.sqlite],
            operation: splitting { $0.to[1].up = "date('now', kind)" },
            place: "to.rest.up", words: ["the clock"]),
        Case(
            name: "primary key by change_column", dialects: [.postgres],
            operation: changing { $0.from = "id" }, place: "from",
            words: ["primary key"]),
        Case(
            name: "reference that stays", dialects: [.postgres],
            operation: .changeType(ChangeType(table: "animals", column: "id", type: "bigint")),
            place: "column",
            words: [
                "column 'age' of 'animals'", "change_type: { table: animals, column: age, type: bigint }",
            ]
        ) {
            $0.foreignKeys = [
                ForeignKey(name: "f", columns: ["age"], target: ForeignKeyTarget(table: "animals"))
            ]
        },
    ]

    @Test(arguments: cases)
    func isRefused(example: Case) {
        for dialect in example.dialects {
            let refusals = Planner(dialect: dialect).refusals(
                example.operation, .animals(dialect, example.change))
            let place =
                "operations[0].\(example.operation.keyword)"
                + (example.place.isEmpty ? "" : ".\(example.place)")
            let message = refusals.first { $0.hasPrefix(place + ":") } ?? ""
            #expect(refusals.count == 1, "\(dialect): \(refusals)")
            for word in example.words { #expect(message.contains(word), "\(dialect): \(refusals)") }
        }
    }

    /// The nearest good ones.
    @Test func isPlanned() {
        for dialect in Dialect.allCases {
            for (_, operation) in Self.operations {
                #expect(Planner(dialect: dialect).refusals(operation, .animals(dialect)) == [])
            }
            let declared = Self.changing { $0.defaultValue = "NULL" }
            let schema = Schema.animals(dialect) { $0.columns[2].defaultValue = "3" }
            #expect(Planner(dialect: dialect).refusals(declared, schema) == [])
        }
    }

    /// A later file is told where a column went.
    @Test func whereAColumnWent() {
        for dialect in Dialect.allCases {
            for (operation, word) in [
                (Self.operations[0].1, "splits it into 'family', 'rest'"),
                (Self.operations[1].1, "merges it into 'tag'"),
            ] {
                let migrations = [
                    Migration(name: "0002_shape", operations: [operation]),
                    Migration(name: "0003_drop", operations: [dropKind]),
                ]
                let problems = #expect(throws: PlanningProblems.self) {
                    try Planner(dialect: dialect).planHistory(migrations, from: .animals(dialect))
                }
                #expect(problems?.problems.contains { $0.message.contains(word) } == true)
            }
        }
    }
}
