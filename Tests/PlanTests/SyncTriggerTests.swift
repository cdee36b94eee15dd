import DoubleWrite
import MigrationCore
import TestSupport
import Testing

/// The synchronising triggers by themselves: every kind of statement, in either shape.
@Suite struct SyncTriggerTests {
    /// What a statement of a rename leaves of the rows: `kind`, which is becoming `species`.
    struct Example: Sendable, CustomTestStringConvertible {
        var sql: String
        var rows: String
        var testDescription: String { sql }

        init(_ sql: String, _ rows: String) {
            self.sql = sql
            self.rows = rows
        }
    }

    static let withoutDefault: [Example] = [
        Example("INSERT INTO animals (id, kind) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat"),
        Example("INSERT INTO animals (id, species) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat"),
        Example("INSERT INTO animals (id) VALUES (2)", "1|dog|dog, 2|NULL|NULL"),
        Example("INSERT INTO animals (id, kind) VALUES (2, NULL)", "1|dog|dog, 2|NULL|NULL"),
        Example("INSERT INTO animals (id, species) VALUES (2, NULL)", "1|dog|dog, 2|NULL|NULL"),
        Example("INSERT INTO animals (id, kind, species) VALUES (2, 'cat', 'cat')", "1|dog|dog, 2|cat|cat"),
        Example("INSERT INTO animals (id, kind, species) VALUES (2, 'cat', 'dog')", "contradiction"),
        Example(
            "INSERT INTO animals (id, species) VALUES (2, 'a'), (3, 'b')", "1|dog|dog, 2|a|a, 3|b|b"),
        Example(
            "INSERT INTO animals (id, kind) SELECT id + 1, kind || 's' FROM animals", "1|dog|dog, 2|dogs|dogs"
        ),
        Example("UPDATE animals SET kind = 'cat'", "1|cat|cat"),
        Example("UPDATE animals SET species = 'cat'", "1|cat|cat"),
        Example("UPDATE animals SET kind = NULL", "1|NULL|NULL"),
        Example("UPDATE animals SET species = NULL", "1|NULL|NULL"),
        Example("UPDATE animals SET kind = 'cat', species = 'cat'", "1|cat|cat"),
        Example("UPDATE animals SET kind = 'cat', species = 'owl'", "contradiction"),
        Example("UPDATE animals SET kind = 'dog', species = 'owl'", "1|owl|owl"),
        Example("UPDATE animals SET kind = species", "1|dog|dog"),
        Example("UPDATE animals SET id = 7", "7|dog|dog"),
        Example("UPDATE animals SET id = 7, species = 'cat'", "7|cat|cat"),
        Example("UPDATE animals SET id = 7, kind = 'cat'", "7|cat|cat"),
        Example(
            "INSERT INTO animals (id, kind) VALUES (1, 'cat') ON CONFLICT (id) DO UPDATE SET kind = excluded.kind",
            "1|cat|cat"),
        Example(
            "INSERT INTO animals (id, species) VALUES (1, 'cat') ON CONFLICT (id) DO UPDATE SET species = excluded.species",
            "1|cat|cat"),
        Example("INSERT INTO animals (id, species) VALUES (1, 'cat') ON CONFLICT DO NOTHING", "1|dog|dog"),
        Example("DELETE FROM animals", ""),
    ]

    /// Whatever is left out has its default, which is never taken for a value; NULL is one.
    static let withDefault: [Example] = [
        Example("INSERT INTO animals (id, kind) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat"),
        Example("INSERT INTO animals (id, species) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat"),
        Example("INSERT INTO animals (id) VALUES (2)", "1|dog|dog, 2|cow|cow"),
        Example("INSERT INTO animals (id, kind) VALUES (2, 'cow')", "1|dog|dog, 2|cow|cow"),
        Example("INSERT INTO animals (id, species) VALUES (2, 'cow')", "1|dog|dog, 2|cow|cow"),
        Example("INSERT INTO animals (id, kind) VALUES (2, NULL)", "1|dog|dog, 2|NULL|NULL"),
        Example("INSERT INTO animals (id, species) VALUES (2, NULL)", "1|dog|dog, 2|NULL|NULL"),
        Example("INSERT INTO animals (id, kind, species) VALUES (2, NULL, NULL)", "1|dog|dog, 2|NULL|NULL"),
        Example("INSERT INTO animals (id, kind, species) VALUES (2, NULL, 'cat')", "contradiction"),
        Example("UPDATE animals SET species = 'cow'", "1|cow|cow"),
        Example("UPDATE animals SET kind = NULL", "1|NULL|NULL"),
        Example(
            "INSERT INTO animals (id, species) VALUES (1, 'cat') ON CONFLICT (id) DO UPDATE SET species = excluded.species",
            "1|cat|cat"),
    ]

    /// SQLite's own forms, whose conflict clause reaches into triggers.
    static let ofSQLite: [Example] = [
        Example("INSERT OR REPLACE INTO animals (id, kind) VALUES (1, 'cat')", "1|cat|cat"),
        Example("INSERT OR REPLACE INTO animals (id, species) VALUES (1, 'cat')", "1|cat|cat"),
        Example("REPLACE INTO animals (id, species) VALUES (1, NULL)", "1|NULL|NULL"),
        Example(
            "INSERT OR IGNORE INTO animals (id, species) VALUES (1, 'cat'), (2, 'cat')",
            "1|dog|dog, 2|cat|cat"),
        Example("UPDATE OR IGNORE animals SET species = 'cat'", "1|cat|cat"),
        Example("UPDATE OR REPLACE animals SET kind = 'cat'", "1|cat|cat"),
        Example("UPDATE OR ROLLBACK animals SET kind = 'cat'", "1|cat|cat"),
        Example("UPDATE OR FAIL animals SET kind = 'a', species = 'b'", "contradiction"),
    ]

    private func check(_ example: Example, _ scenario: SyncScenario) throws {
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'dog')")
        #expect(scenario.after(example.sql) == example.rows)
    }

    private func rename(_ dialect: Dialect, _ rest: String = "", suffix: String = "", key: String? = nil)
        throws -> SyncScenario
    {
        try SyncScenario(
            dialect, key: key, [.init("kind", "text" + rest, as: "species")],
            [.init("species", "text" + rest, as: "kind")],
            suffix: suffix)
    }

    @Test(arguments: withoutDefault)
    func onPostgres(example: Example) throws { try check(example, rename(.postgres)) }

    @Test(arguments: withDefault)
    func onPostgresWithDefault(example: Example) throws {
        try check(example, rename(.postgres, " DEFAULT 'cow'"))
    }

    @Test(arguments: withoutDefault + ofSQLite, [false, true])
    func onSQLite(example: Example, isRecursive: Bool) throws {
        for suffix in ["", " WITHOUT ROWID", " STRICT"] {
            let scenario = try rename(.sqlite, suffix: suffix)
            try scenario.database.run("PRAGMA recursive_triggers = \(isRecursive ? "ON" : "OFF")")
            try check(example, scenario)
        }
    }

    @Test(arguments: withDefault + ofSQLite, [false, true])
    func onSQLiteWithDefault(example: Example, isRecursive: Bool) throws {
        let scenario = try rename(.sqlite, " DEFAULT 'cow'")
        try scenario.database.run("PRAGMA recursive_triggers = \(isRecursive ? "ON" : "OFF")")
        try check(example, scenario)
    }
}
