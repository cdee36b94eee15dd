import Foundation
import TestSupport
import Testing

/// A project of many operations, for runs of the built tool that are killed, paused or run twice.
struct RoughProject {
    let database: Database
    let tool: Tool
    let location: String

    /// - Parameter rows: How many animals there are.
    init(_ database: Database, rows: Int, lease: String = "30s") throws {
        self.database = database
        var tool = try Tool(Self.files(database, lease: lease))
        location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        self.tool = tool
        for statement in Self.setUp(database, rows: rows) { try database.query(location, statement) }
    }

    /// The release of every migration is out.
    func attest() throws { #expect(try tool("attest", "app").code == 0) }

    /// The built tool, which runs beside the test.
    func start(_ arguments: String...) throws -> ChildProcess { try start(arguments) }

    /// The built tool, which runs beside the test.
    func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            try builtProduct(named: "bellows"), arguments,
            environment: ["DATABASE_URL": location, "NO_COLOR": "1"], currentFolder: tool.folder.path)
    }

    /// The schema, the rows, and the stages: what two roads to the same end must agree on.
    func contents() throws -> [String] {
        switch database {
        case .postgres:
            return try database.query(
                location,
                """
                SELECT 'column ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                    || a.attnotnull || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
                FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE connamespace = 'public'::regnamespace
                UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT 'animal ' || a::text FROM animals AS a
                UNION ALL SELECT 'stage ' || change || stage FROM bellows.stages
                ORDER BY line
                """)
        case .sqlite:
            let schema = try database.query(
                location,
                """
                SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema
                WHERE name NOT LIKE 'bellows%' AND tbl_name NOT LIKE 'bellows%' ORDER BY 1
                """)
            let columns = try database.columns(location, of: "animals").map { "quote(`\($0)`)" }
            return try schema
                + database.query(
                    location, "SELECT \(columns.joined(separator: " || ' ' || ")) FROM animals ORDER BY id")
                + database.query(location, "SELECT change || stage FROM bellows_stages ORDER BY 1")
        }
    }

    /// The same without the stages, which stay recorded.
    func schemaAndRows() throws -> [String] { try contents().filter { !$0.contains("animals.species") } }

    private static func setUp(_ database: Database, rows: Int) -> [String] {
        let numbers =
            database == .postgres
            ? "SELECT i FROM generate_series(1, \(rows)) AS n(i)"
            : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) SELECT i FROM n"
        return [
            """
            CREATE TABLE animals (id \(database == .postgres ? "bigint" : "INTEGER") PRIMARY KEY, name text NOT NULL,
                kind text, age text, weight integer, owner integer)
            """,
            "CREATE TABLE owners (id integer PRIMARY KEY, name text)",
            "CREATE INDEX animals_kind ON animals (kind)",
            "INSERT INTO owners VALUES (0, 'Ann'), (1, 'Bo'), (2, 'Cy')",
            """
            INSERT INTO animals SELECT i, 'First' || i || ' Last' || i, CASE i % 3 WHEN 0 THEN NULL ELSE 'k' || i % 3 END,
                CAST(i % 20 AS text), i % 90, i % 3 FROM (\(numbers)) AS s
            """,
        ]
    }

    private static func files(_ database: Database, lease: String) -> [String: String] {
        var files = [
            "bellows.yaml": "soak: 0s\nlease: \(lease)\n",
            "migrations/0001_species.yaml": """
            operations:
              - rename_column: { table: animals, from: kind, to: species }
            """,
            "migrations/0002_years.yaml": """
            operations:
              - change_column:
                  table: animals
                  from: age
                  to: years
                  type: integer
                  up: "CAST(age AS integer)"
                  down: "CAST(years AS text)"
            """,
            "migrations/0003_names.yaml": """
            operations:
              - split_column:
                  table: animals
                  from: name
                  to:
                    given: { type: text, up: "substr(name, 1, {position} - 1)" }
                    family: { type: text, up: "substr(name, {position} + 1)" }
                  down: "given || ' ' || family"
            """,
            "migrations/0004_rules.yaml": """
            operations:
              - add_check: { table: animals, name: light, check: "weight < 100" }
              - set_not_null: { table: animals, column: weight }
            """,
            "migrations/0005_owner.yaml": """
            operations:
              - add_foreign_key: { table: animals, name: owned, columns: [owner], references: { table: owners, columns: [id] } }
            """,
            "migrations/0006_index.yaml": """
            operations:
              - create_index: { table: animals, name: animals_owner, columns: [owner] }
            """,
        ]
        let position = database == .postgres ? "strpos(name, ' ')" : "instr(name, ' ')"
        files["migrations/0003_names.yaml"] = files["migrations/0003_names.yaml"]?.replacing(
            "{position}", with: position)
        return files
    }
}
