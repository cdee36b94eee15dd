import DoubleWrite
import MigrationCore
import MigrationFiles
import Testing

/// Every shape of the format comes out as the value it stands for.
@Suite("Shapes of migration files")
struct ShapeTests {
    @Test("create_table")
    func createTable() throws {
        let read = try migration(
            """
            description: The animals of the shelter.
            operations:
              - create_table:
                  table: animals
                  schema: archive
                  comment: Who lives here
                  columns:
                    id: { type: { postgres: bigint, sqlite: integer }, primary_key: true }
                    name: { type: text, nullable: false, default: "'x'", unique: true, check: "name <> ''" }
                    shelter:
                      type: bigint
                      references: { table: shelters, schema: s, column: id, on_delete: set_null, on_update: cascade }
                      comment: Where it lives
              - create_table:
                  table: pairs
                  columns: { a: { type: int }, b: { type: int } }
                  primary_key: [b, a]
            """)
        let animals = CreateTable(
            table: TableName(schema: "archive", "animals"),
            columns: [
                ColumnDefinition(
                    name: "id", type: PerDialect(postgres: "bigint", sqlite: "integer"), isNullable: false,
                    isPrimaryKey: true),
                ColumnDefinition(
                    name: "name", type: "text", isNullable: false, defaultValue: "'x'", isUnique: true,
                    check: "name <> ''"),
                ColumnDefinition(
                    name: "shelter", type: "bigint",
                    references: ForeignKeyTarget(
                        table: TableName(schema: "s", "shelters"), columns: ["id"], onDelete: .setNull,
                        onUpdate: .cascade),
                    comment: "Where it lives"),
            ], comment: "Who lives here")
        let pairs = CreateTable(
            table: "pairs",
            columns: [
                ColumnDefinition(name: "a", type: "int", isNullable: false),
                ColumnDefinition(name: "b", type: "int", isNullable: false),
            ], primaryKey: ["b", "a"])
        let expected = Migration(
            name: "0001_test", description: "The animals of the shelter.",
            operations: [.createTable(animals), .createTable(pairs)])
        #expect(read == expected)
    }

    @Test("add_column, drop_column")
    func columns() throws {
        let added = try operation(
            "add_column: { table: a.b, column: c, type: text, nullable: false, default: {postgres: now(), sqlite: '1'} }"
        )
        let column = ColumnDefinition(
            name: "c", type: "text", isNullable: false,
            defaultValue: PerDialect(postgres: "now()", sqlite: "1"))
        #expect(added == .addColumn(AddColumn(table: TableName("a.b"), column: column)))
        let dropped = try operation("drop_column: { table: a, schema: s, column: c }")
        #expect(dropped == .dropColumn(DropColumn(table: TableName(schema: "s", "a"), column: "c")))
    }

    @Test("rename_column")
    func rename() throws {
        let copied = try operation("rename_column: { table: animals, from: kind, to: species }")
        #expect(copied == .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species")))
        let inPlace = try operation(
            "rename_column: { table: a, from: b, to: c, strategy: in_place, change: second }")
        let expected = RenameColumn(table: "a", from: "b", to: "c", strategy: .inPlace, change: "second")
        #expect(inPlace == .renameColumn(expected))
    }

    @Test("create_index, drop_index")
    func indexes() throws {
        let index = try operation(
            """
            create_index:
                  table: a
                  name: i
                  columns: [a, { expression: lower(b) }, { column: c, order: desc }, { column: d, order: asc }]
                  unique: true
                  where: "a > 0"
            """)
        let keys = [
            CreateIndex.Key(.column("a")), CreateIndex.Key(.expression("lower(b)")),
            CreateIndex.Key(.column("c"), isDescending: true), CreateIndex.Key(.column("d")),
        ]
        let expected = CreateIndex(table: "a", name: "i", keys: keys, isUnique: true, condition: "a > 0")
        #expect(index == .createIndex(expected))
        let dropped = try operation("drop_index: { table: a, name: i }")
        #expect(dropped == .dropIndex(DropIndex(table: "a", name: "i")))
    }

    @Test("sql")
    func sql() throws {
        let raw = try operation(
            """
            sql:
                  expand: ["CREATE VIEW v AS SELECT 1", { postgres: "ANALYZE" }]
                  transition: SELECT 2
                  contract: SELECT 3
                  undo: DROP VIEW v
                  reads: { table: a.b, schema: on }
                  writes: [{ table: 1, columns: yes }, { table: c }]
                  drops: [{ table: d, columns: [n, "o o"] }]
            """)
        let expected = RawSQL(
            expand: ["CREATE VIEW v AS SELECT 1", PerDialect(postgres: "ANALYZE", sqlite: nil)],
            transition: ["SELECT 2"], contract: ["SELECT 3"], undo: ["DROP VIEW v"],
            reads: [.init(table: TableName(schema: "on", "a.b"))],
            writes: [.init(table: "1", columns: ["yes"]), .init(table: "c")],
            drops: [.init(table: "d", columns: ["n", "o o"])])
        #expect(raw == .sql(expected))
        guard case .sql(let bare) = try operation("sql: { expand: SELECT 1 }") else {
            Issue.record("not sql")
            return
        }
        #expect(bare.undo == nil)
    }

    static let names = [
        "n", "on", "yes", "true", "null", "~", "1", "1.10", "0x1F", "0b1", ".inf", "2026-11-21", "12:30", "=",
        "<<",
        "a.b", "select", "sp ace", "ünï", "🐈", "1e3", "1_000",
    ]

    @Test("a name is text whatever YAML takes it for", arguments: names)
    func name(_ name: String) throws {
        let renamed = try operation("rename_column: { table: \(name), from: \(name), to: x }")
        #expect(renamed == .renameColumn(RenameColumn(table: TableName(name), from: name, to: "x")))
        let table = try operation(
            "create_table: { table: t, columns: { \(name): { type: int } }, primary_key: \(name) }")
        let column = ColumnDefinition(name: name, type: "int", isNullable: false)
        #expect(table == .createTable(CreateTable(table: "t", columns: [column], primaryKey: [name])))
    }

    @Test("quotes in a name, in JSON")
    func json() throws {
        let read = try migration(
            #"{"operations": [{"drop_column": {"table": "a \"b\" 'c' `d` \\", "column": 1}}]}"#,
            path: "dir.d/0002.x.json")
        let dropped = DropColumn(table: #"a "b" 'c' `d` \"#, column: "1")
        #expect(read == Migration(name: "0002.x", operations: [.dropColumn(dropped)]))
    }

    @Test("windows line ends and a byte order mark do no harm")
    func windows() throws {
        let text = "\u{FEFF}description: x\r\noperations:\r\n  - drop_index: { table: a, name: i }\r\n"
        #expect(try migration(text).operations == [.dropIndex(DropIndex(table: "a", name: "i"))])
    }

    @Test("a problem of the planner is shown where its path stands")
    func positions() throws {
        let text = """
            operations:
              - drop_index: { table: a, name: i }
              - rename_column:
                  table: animals
                  from: kind
                  to: species
              - create_table: { table: t, columns: { a.b: { type: int } } }
            """
        let file = try MigrationFile(Array(text.utf8), path: "m.yaml")
        #expect(file.position(of: "operations[1].rename_column.from") == SourcePosition(line: 5, column: 13))
        #expect(file.position(of: "operations[1].rename_column") == SourcePosition(line: 3, column: 5))
        #expect(
            file.position(of: "operations[1].rename_column.strategy") == SourcePosition(line: 3, column: 5))
        #expect(
            file.position(of: "operations[2].create_table.columns.a.b.type")
                == SourcePosition(line: 7, column: 55))
        #expect(file.position(of: "elsewhere") == SourcePosition(line: 1, column: 1))
        #expect(
            file.position(of: "operations[2].create_table.columns[0].type")
                == SourcePosition(line: 7, column: 55))
        #expect(
            file.position(of: "operations[2].create_table.columns[0].check")
                == SourcePosition(line: 7, column: 42))
        let problem = PlanningProblem(
            migration: "m", path: "operations[0].drop_index.name", message: "no such index")
        #expect(file.problem(problem).description == "m.yaml:2:35: no such index")
    }

    @Test("what the planner refuses is shown where it stands")
    func planned() throws {
        let text = """
            operations:
              - create_table: { table: t, columns: { id: { type: { sqlite: int } } } }
              - create_table: { table: u, columns: { id: { type: int } } }
              - add_column: { table: u, column: c, type: { sqlite: int } }
              - add_column: { table: u, column: id, type: int }
            """
        let file = try MigrationFile(Array(text.utf8), path: "m.yaml")
        let problems = #expect(throws: PlanningProblems.self) {
            try Planner(dialect: .postgres).planHistory([file.migration], from: Schema(dialect: .postgres))
        }
        let places = problems?.problems.map { file.problem($0).position }
        #expect(
            places == [
                SourcePosition(line: 2, column: 48), SourcePosition(line: 4, column: 40),
                SourcePosition(line: 5, column: 37),
            ], "\(problems.map(String.init(describing:)) ?? "")")
    }
}
