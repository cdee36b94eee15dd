import DoubleWrite
import MigrationCore
import Testing

/// What keeps a column's values from a table of their own, and what the message says.
@Suite struct ExtractTableRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var dialects = Dialect.allCases
        var words: [String]
        var extract: @Sendable (inout ExtractTable) -> Void = { _ in }
        var schema: @Sendable (inout Schema) -> Void = { _ in }

        var testDescription: String { name }
    }

    private static func table(_ name: String, _ change: (inout Table) -> Void = { _ in }) -> Table {
        var table = Table(
            name: TableName(name), columns: [Column(name: "id", type: "integer", isNullable: false)],
            primaryKey: ["id"])
        change(&table)
        return table
    }

    private static let names: [Case] = [
        Case(
            name: "no such table", words: [".table: table 'animal' does not exist; did you mean 'animals'?"],
            extract: { $0.table = "animal" }),
        Case(
            name: "no such column",
            words: [".column: column 'bread' of 'animals' does not exist; did you mean 'breed'?"],
            extract: { $0.column = "bread" }),
        Case(
            name: "a table that is there", words: [".into: a table 'owners' exists already"],
            extract: { $0.into = "owners" }),
        Case(
            name: "the same table", words: [".into: a table 'animals' exists already"],
            extract: { $0.into = "animals" }),
        Case(
            name: "a reference that is there", words: [".reference: 'animals' has a column 'note' already"],
            extract: { $0.reference = "note" }),
        Case(
            name: "a reference like the address of rows", dialects: [.sqlite],
            words: [".reference: 'rowid' is a name by which SQLite finds the rows"],
            extract: { $0.reference = "rowid" }),
        Case(
            name: "a system column", dialects: [.postgres],
            words: [".key: 'ctid' is a system column", ".value: 'xmin' is a system column"],
            extract: {
                $0.key = "ctid"
                $0.value = "xmin"
            }),
        Case(
            name: "one column for both", words: [".value: 'id' is the name of the key of 'breeds' as well"],
            extract: { $0.value = "id" }),
        Case(
            name: "long names", dialects: [.postgres],
            words: [".into: the name 'xxxxxx", ".reference: the name 'yyyyyy"],
            extract: {
                $0.into = TableName(String(repeating: "x", count: 64))
                $0.reference = String(repeating: "y", count: 64)
            }),
        Case(
            name: "the name of the index", words: [".reference: an index 'animals_breed_id_idx' exists"],
            schema: { schema in
                schema["owners"]?.indexes = [
                    Index(name: "animals_breed_id_idx", definition: SQLTemplate("({id})"), columns: ["id"])
                ]
            }),
        Case(
            name: "the name of a constraint's index", dialects: [.postgres],
            words: [".into: an index 'breeds_name_key' exists", ".into: a table 'breeds_pkey' exists"],
            schema: { schema in
                schema["owners"]?.uniqueConstraints = [
                    UniqueConstraint(name: "breeds_name_key", columns: ["id"])
                ]
                schema.tables.append(table("breeds_pkey"))
            }),
        Case(
            name: "the name of the foreign key", dialects: [.postgres],
            words: [".reference: 'animals' has a constraint 'animals_breed_id_fkey' already"],
            schema: { schema in
                schema["animals"]?.checks = [
                    CheckConstraint(
                        name: "animals_breed_id_fkey", definition: SQLTemplate("CHECK ({note} > '')"),
                        columns: ["note"])
                ]
            }),
    ]

    private static let columns: [Case] = [
        Case(
            name: "a default", words: [".column: 'breed' has a default ('mixed')", "drop_default"],
            schema: { $0["animals"]?.columns[1].defaultValue = "'mixed'" }),
        Case(
            name: "citext", dialects: [.postgres],
            words: [".column: 'breed' is of the type citext", "equal that are not the same", "change_type"],
            schema: {
                $0["animals"]?.columns[1].type = "citext"
                $0["animals"]?.columns[1].hasExactEquality = false
            }),
        Case(
            name: "a collation that is not deterministic", dialects: [.postgres],
            words: [".column: 'breed' is of the type text COLLATE loose"],
            schema: {
                $0["animals"]?.columns[1].collation = "loose"
                $0["animals"]?.columns[1].hasExactEquality = false
            }),
        Case(
            name: "a collation of SQLite's", dialects: [.sqlite],
            words: [".column: 'breed' is text COLLATE NOCASE, which calls texts equal"],
            schema: { $0["animals"]?.columns[1].collation = "NOCASE" }),
        Case(
            name: "no storage class of its own", dialects: [.sqlite],
            words: [".column: 'breed' has no type, under which SQLite keeps equal values in several forms"],
            schema: { $0["animals"]?.columns[1].type = "" }),
        Case(
            name: "numbers with a fraction", dialects: [.sqlite],
            words: [".column: 'breed' has the type numeric(5), under which SQLite keeps equal values"],
            schema: { $0["animals"]?.columns[1].type = "numeric(5)" }),
        Case(
            name: "the primary key", words: [".column: 'breed' is in the primary key of 'animals'"],
            schema: { $0["animals"]?.primaryKey = ["id", "breed"] }),
        Case(
            name: "identity", dialects: [.postgres], words: [".column: 'breed' is an identity column"],
            schema: { $0["animals"]?.columns[1].identity = "ALWAYS" }),
        Case(
            name: "generated", words: [".column: 'breed' is a generated column"],
            schema: { $0["animals"]?.columns[1].generated = "lower(note)" }),
        Case(
            name: "a foreign key", words: [".column:", "foreign key"],
            schema: { schema in
                schema["animals"]?.foreignKeys = [
                    ForeignKey(
                        name: "own", columns: ["breed"],
                        target: ForeignKeyTarget(table: "owners", columns: ["id"]))
                ]
            }),
        Case(
            name: "referenced", words: [".column: 'breed' is referenced by the foreign key"],
            schema: { schema in
                schema["owners"]?.foreignKeys = [
                    ForeignKey(
                        name: "liked", columns: ["id"],
                        target: ForeignKeyTarget(table: "animals", columns: ["breed"]))
                ]
            }),
        Case(
            name: "UNIQUE", words: [".column:", "UNIQUE"],
            schema: { schema in
                schema["animals"]?.uniqueConstraints = [UniqueConstraint(name: "lone", columns: ["breed"])]
            }),
        Case(
            name: "CHECK", words: [".column:", "CHECK"],
            schema: { schema in
                schema["animals"]?.checks = [
                    CheckConstraint(
                        name: "fine", definition: SQLTemplate("CHECK ({breed} > '')"), columns: ["breed"])
                ]
            }),
        Case(
            name: "a unique index", words: [".column: the", "index 'one' is on 'breed'", "drop_index"],
            schema: { schema in
                schema["animals"]?.indexes = [
                    Index(
                        name: "one", isUnique: true, definition: SQLTemplate("({breed})"), columns: ["breed"])
                ]
            }),
        Case(
            name: "a view", words: [".column: the view 'seen'"],
            schema: { schema in
                schema["animals"]?.dependents = [Dependent(kind: .view, name: "seen", columns: ["breed"])]
            }),
        Case(
            name: "NOT NULL", dialects: [.sqlite],
            words: [".column: 'breed' is NOT NULL without a default", "drop_not_null"],
            schema: { $0["animals"]?.columns[1].isNullable = false }),
        Case(
            name: "partitions", dialects: [.postgres], words: [".table: 'animals' is a partitioned table"],
            schema: { $0["animals"]?.kind = .partitioned }),
        Case(
            name: "row security", dialects: [.postgres],
            words: [".table: row security of 'animals' is active"],
            schema: { $0["animals"]?.rowSecurity = RowSecurity(isForced: false, policies: ["p"]) }),
        Case(
            name: "publications", dialects: [.postgres], words: ["'animals' is in the publication 'p'"],
            schema: { $0["animals"]?.publications = ["p"] }),
    ]

    static func schema(_ dialect: Dialect) -> Schema {
        let animals = table("animals") { table in
            table.columns += [Column(name: "breed", type: "text"), Column(name: "note", type: "text")]
        }
        return Schema(dialect: dialect, tables: [animals, table("owners")])
    }

    static let extract = ExtractTable(table: "animals", column: "breed", into: "breeds", value: "name")

    @Test(arguments: names + columns)
    func refuses(example: Case) {
        for dialect in example.dialects {
            var extract = Self.extract
            example.extract(&extract)
            var schema = Self.schema(dialect)
            example.schema(&schema)
            let found = Planner(dialect: dialect).refusals(.extractTable(extract), schema)
                .joined(separator: "\n")
            for words in example.words { #expect(found.contains(words), "\(dialect): \(found)") }
        }
    }

    @Test(arguments: Dialect.allCases)
    func plansWhatIsFit(dialect: Dialect) throws {
        let schema = Self.schema(dialect)
        #expect(Planner(dialect: dialect).refusals(.extractTable(Self.extract), schema) == [])
        let plan = try Planner(dialect: dialect).plan(Migration(.extractTable(Self.extract)), schema: schema)
        try GoldenFile.check(PlanText.render(plan), against: "\(dialect.rawValue)/extract_table.txt")
    }

    /// Values whose `=` means identity, as far as files alone tell.
    @Test(arguments: [
        "text", "varchar(9)", "integer", "uuid", "boolean", "date", "bytea", "timestamp with time zone",
    ])
    func plansExactTypes(type: String) {
        var schema = Self.schema(.postgres)
        schema["animals"]?.columns[1] = Column(name: "breed", type: type)
        #expect(Planner(dialect: .postgres).refusals(.extractTable(Self.extract), schema) == [])
    }

    private func problems(of migrations: [Migration]) -> String {
        do {
            _ = try Planner(dialect: .postgres).planHistory(migrations, from: Self.schema(.postgres))
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func twoColumnsIntoOneTableAreRefused() {
        let second = ExtractTable(table: "animals", column: "note", into: "breeds")
        let found = problems(of: [Migration(.extractTable(Self.extract), .extractTable(second))])
        #expect(found.contains("a table 'breeds' exists already"), "\(found)")
    }

    @Test func aFinishedChangesNameIsNotTakenAgain() {
        let found = Planner(dialect: .postgres).refusals(
            .extractTable(Self.extract), Self.schema(.postgres), finished: [ChangeID("animals.breed_id")])
        #expect(found.first?.contains("finished a change named 'animals.breed_id'") == true, "\(found)")
    }

    @Test func aLaterMigrationIsToldWhatHappened() {
        let drop = DropColumn(table: "animals", column: "breed")
        let found = problems(of: [
            Migration(.extractTable(Self.extract)),
            Migration(name: "0003_later", operations: [.dropColumn(drop)]),
        ])
        #expect(found.contains("puts 'breed_id' in its place, which points at 'breeds'"), "\(found)")
    }

    /// What comes after it is planned against both tables as they are then.
    @Test func laterMigrationsUseBothTables() {
        let index = CreateIndex(table: "breeds", name: "i", keys: [.init(.column("name"))])
        let null = SetNotNull(table: "animals", column: "breed_id", fill: nil)
        #expect(
            problems(of: [
                Migration(.extractTable(Self.extract)),
                Migration(name: "0003_later", operations: [.createIndex(index), .setNotNull(null)]),
            ]) == "")
    }
}
