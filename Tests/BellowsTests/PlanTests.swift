import Foundation
import TestSupport
import Testing

/// `bellows plan`: its text stands in `fixtures/` for reviewers (`RECORD=1` writes it anew), its JSON is for scripts.
@Suite("plan")
struct PlanTests {
    private static let fixtures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/plan-text")

    @Test("the text of the rename", arguments: ["postgres", "sqlite"], ["copy", "in_place"])
    func text(_ dialect: String, _ strategy: String) throws {
        let tool = try Tool([
            "migrations/0001_animals.yaml": Files.animals,
            "migrations/0002_animals_kind_to_species.yaml":
                Files.rename.replacing(" species }", with: " species, strategy: \(strategy) }"),
        ])
        let result = try tool("plan", "--dialect", dialect, Files.name)
        #expect(result.code == 0)
        let file = Self.fixtures.appendingPathComponent("rename_\(strategy).\(dialect).text")
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try Data(result.output.utf8).write(to: file)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        let pairs = zip(golden.split(separator: "\n"), result.output.split(separator: "\n"))
        let different = pairs.first { $0 != $1 }
        #expect(result.output == golden, "\(String(describing: different)); RECORD=1 writes it anew")
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(!result.output.contains("\u{1B}"))
    }

    @Test(
        "a migration is planned behind those before it, and not applied without them",
        arguments: Database.allCases)
    func namedAlone(_ database: Database) throws {
        var tool = try Tool(Files.both)
        let location = try database.location(tool)
        tool.variables["DATABASE_URL"] = location
        let plan = try tool("plan", Files.name)
        #expect(plan.code == 0, "\(plan.complaint)")
        #expect(plan.output.hasPrefix(Files.name))
        #expect(!plan.output.contains("0001_animals\n"))
        let refused = try tool.run(["apply", Files.name, "--no-writers", "--through", "contract"])
        #expect(refused.code == 1)
        #expect(refused.complaint.contains("table 'animals' does not exist"))
        #expect(
            refused.complaint.contains("it needs what comes before it and is not applied: '0001_animals'"),
            "\(refused.complaint)")
        #expect(try database.columns(location, of: "animals") == [])
    }

    @Test("the JSON of the rename", arguments: ["postgres", "sqlite"])
    func json(_ dialect: String) throws {
        let tool = try Tool(Files.both)
        let document = try tool("plan", "--dialect", dialect, "--format", "json", Files.name).json
        let migrations = try #require(document["migrations"] as? [[String: Any]])
        let migration = try #require(migrations.first)
        #expect(migrations.count == 1)
        #expect(migration["migration"] as? String == Files.name)
        #expect(migration["dialect"] as? String == dialect)
        let phases = try #require(document["phases"] as? [[String: Any]])
        #expect(
            phases.compactMap { $0["phase"] as? String } == [
                "double-write", "expand", "transition", "contract",
            ])
        let steps = try phases.flatMap { try #require($0["steps"] as? [[String: Any]]) }
        let keys: Set = [
            "id", "number", "kind", "title", "explanation", "sql", "lock", "scans", "rewrites",
            "settles_first",
            "reversible", "undo",
        ]
        for (index, step) in steps.enumerated() {
            #expect(keys.isSubset(of: step.keys), "\(step)")
            #expect(step["number"] as? Int == index + 1)
        }
        #expect(steps.first?["kind"] as? String == "release")
        #expect(steps.first?["needs"] as? String == "both")
        #expect((steps[1]["sql"] as? [String])?.first?.hasPrefix("ALTER TABLE") == true)
        let undoable = try #require(migration["undoable_until"] as? [String: Any])
        #expect(undoable["number"] as? Int == steps.count)
        let all = try tool("plan", "--dialect", dialect, "--format", "json").json
        #expect((all["migrations"] as? [Any])?.count == 2)
        #expect(all["phases"] == nil)
    }

    @Test("the SQL of the rename")
    func sql() throws {
        let tool = try Tool(Files.both)
        let result = try tool("plan", "--dialect", "postgres", "--format", "sql", Files.name)
        let lines = result.output.split(separator: "\n")
        #expect(lines.contains(#"ALTER TABLE "public"."animals" ADD COLUMN "species" text;"#))
        #expect(lines.contains("BEGIN;") && lines.contains("COMMIT;"))
        #expect(lines.first == "-- 0002_animals_kind_to_species on PostgreSQL")
    }

    @Test("a plan against a database changes nothing", arguments: Database.allCases)
    func againstDatabase(_ database: Database) throws {
        let tool = try Tool(Files.both)
        let location = try database.location(tool)
        try database.query(location, "CREATE TABLE animals (id int PRIMARY KEY, kind text)")
        try database.query(location, "INSERT INTO animals VALUES (1, 'cat'), (2, 'dog')")
        try database.query(location, "ANALYZE")
        try tool.folder.write(
            "description: x\noperations: [{sql: {expand: SELECT 1}}]", to: "migrations/0001_animals.yaml")
        let result = try tool("plan", "--database", location, Files.name)
        #expect(result.code == 0, "\(result.complaint)")
        #expect(result.output.contains("ADD COLUMN"))
        #expect(result.output.contains("\nanimals: "), "\(result.output.prefix(400))")
        #expect(try database.columns(location, of: "animals") == ["id", "kind"])
        let tables = try database.query(
            location,
            database == .sqlite
                ? "SELECT name FROM sqlite_master WHERE name LIKE 'bellows%'"
                : "SELECT nspname::text FROM pg_namespace WHERE nspname = 'bellows'")
        #expect(tables.isEmpty)
    }
}
