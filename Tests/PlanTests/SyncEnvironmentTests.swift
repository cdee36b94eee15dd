import DoubleWrite
import Foundation
import TestSupport
import Testing

@testable import MigrationCore

/// PostgreSQL's trigger, whoever writes and by whatever way.
@Suite struct SyncEnvironmentTests {
    private func rename(_ rest: String = "", after: [String] = []) throws -> SyncScenario {
        try SyncScenario(
            .postgres, [.init("kind", "text" + rest, as: "species")],
            [.init("species", "text" + rest, as: "kind")],
            after: after)
    }

    @Test("a role that may write one column only, and has a schema of its own before all others")
    func anyRole() throws {
        let scenario = try SyncScenario(
            .postgres, [.init("kind", "text", "lower(shout)")], [.init("shout", "text", "public.loud(kind)")],
            after: [
                "CREATE FUNCTION public.loud(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)'",
                """
                DO $$ BEGIN CREATE ROLE plan_writer;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """,
                "CREATE SCHEMA evil", "GRANT USAGE ON SCHEMA evil TO plan_writer",
                "GRANT USAGE ON SCHEMA public TO plan_writer",
                "CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''evil'''",
                "CREATE FUNCTION evil.loud(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''evil'''",
                "GRANT INSERT (id, kind), UPDATE (kind), SELECT ON animals TO plan_writer",
            ])
        try scenario.database.run("SET ROLE plan_writer")
        try scenario.database.run("SET search_path = evil, pg_catalog, public")
        try scenario.database.run("INSERT INTO public.animals (id, kind) VALUES (1, 'dog')")
        try scenario.database.run("UPDATE public.animals SET kind = 'cat'")
        try scenario.database.run("RESET ROLE")
        try scenario.database.run("SET search_path = evil, pg_catalog")
        try scenario.database.run("INSERT INTO public.animals (id, shout) VALUES (2, 'OWL')")
        #expect(scenario.rows == "1|cat|CAT, 2|owl|OWL")
        #expect(try scenario.database.run("SHOW search_path").scalar == "evil, pg_catalog")
    }

    /// Names in the function are found as the migrating role finds them, not as the one that writes.
    @Test func unqualifiedNamesMeanWhatTheyMeantWhenItWasMade() throws {
        let scenario = try SyncScenario(
            .postgres, [.init("kind", "text", "lower(shout)")], [.init("shout", "text", "loud(kind)")],
            after: ["CREATE FUNCTION loud(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)'"])
        try scenario.database.run("SET search_path = pg_catalog")
        try scenario.database.run("INSERT INTO public.animals (id, kind) VALUES (1, 'dog')")
        #expect(scenario.rows == "1|dog|DOG")
    }

    @Test func replication() throws {
        let scenario = try rename()
        try scenario.database.run("SET session_replication_role = replica")
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'dog')")
        try scenario.database.run("INSERT INTO animals (id, species) VALUES (2, 'cat')")
        #expect(scenario.rows == "1|dog|dog, 2|cat|cat")
    }

    /// Ours is the last: what others make of the row is what counts.
    @Test func otherTriggers() throws {
        let scenario = try rename(after: [
            """
            CREATE FUNCTION trimmed() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.kind := btrim(NEW.kind); NEW.species := btrim(NEW.species); RETURN NEW; END $$
            """,
            "CREATE TRIGGER zz BEFORE INSERT OR UPDATE ON animals FOR EACH ROW EXECUTE FUNCTION trimmed()",
        ])
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, ' dog ')")
        try scenario.database.run("INSERT INTO animals (id, species) VALUES (2, ' cat ')")
        #expect(scenario.rows == "1|dog|dog, 2|cat|cat")
    }

    @Test func foreignKeyActions() throws {
        let scenario = try rename(after: [
            "CREATE TABLE kinds (name text PRIMARY KEY)",
            "INSERT INTO kinds VALUES ('dog'), ('cat'), ('owl')",
            "ALTER TABLE animals ADD FOREIGN KEY (kind) REFERENCES kinds ON UPDATE CASCADE ON DELETE SET NULL",
        ])
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'dog'), (2, 'cat')")
        try scenario.database.run("UPDATE kinds SET name = 'hound' WHERE name = 'dog'")
        try scenario.database.run("DELETE FROM kinds WHERE name = 'cat'")
        #expect(scenario.rows == "1|hound|hound, 2|NULL|NULL")
        // Also the one that only the new shape says is looked up.
        #expect(scenario.after("INSERT INTO animals (id, species) VALUES (3, 'unknown')").contains("23503"))
        #expect(scenario.after("INSERT INTO animals (id, species) VALUES (3, 'owl')").hasSuffix("3|owl|owl"))
    }

    @Test func constraintsSeeBothShapes() throws {
        let scenario = try rename(
            " NOT NULL UNIQUE", after: ["ALTER TABLE animals ADD CHECK (length(kind) < 5)"])
        #expect(scenario.after("INSERT INTO animals (id, species) VALUES (1, 'dog')") == "1|dog|dog")
        #expect(scenario.after("INSERT INTO animals (id, species) VALUES (2, 'dog')").contains("23505"))
        #expect(scenario.after("INSERT INTO animals (id, species) VALUES (2, 'elephant')").contains("23514"))
        #expect(scenario.after("INSERT INTO animals (id) VALUES (2)").contains("23502"))
        #expect(
            scenario.after(
                "INSERT INTO animals (id, species) VALUES (2, 'dog') ON CONFLICT (kind) DO UPDATE SET species = 'cat'"
            )
                == "1|cat|cat")
    }

    @Test(
        "a table of another schema, a view, MERGE, a function, RETURNING, a generated column, COPY")
    func waysToWrite() throws {
        let scenario = try rename(after: [
            "CREATE VIEW v AS SELECT id, kind FROM animals",
            "ALTER TABLE animals ADD COLUMN loud text GENERATED ALWAYS AS (upper(kind)) STORED",
            "CREATE FUNCTION put(bigint, text) RETURNS void LANGUAGE sql AS 'INSERT INTO animals (id, kind) VALUES ($1, $2)'",
        ])
        try scenario.database.run("INSERT INTO v VALUES (1, 'dog')")
        try scenario.database.run("SELECT put(2, 'cat')")
        try scenario.database.run(
            """
            MERGE INTO animals a USING (VALUES (2, 'owl'), (3, 'cow')) s (id, kind) ON a.id = s.id
            WHEN MATCHED THEN UPDATE SET species = s.kind WHEN NOT MATCHED THEN INSERT (id, species) VALUES (s.id, s.kind)
            """)
        #expect(
            try scenario.database.run(
                "INSERT INTO animals (id, species) VALUES (4, 'yak') RETURNING kind, loud"
            ).rows
                == [["yak", "YAK"]])
        #expect(
            try scenario.database.run("UPDATE animals SET species = 'emu' WHERE id = 4 RETURNING kind, loud")
                .rows
                == [["emu", "EMU"]])
        #expect(scenario.rows == "1|dog|dog, 2|owl|owl, 3|cow|cow, 4|emu|emu")
        // The server copies from a program of its own; what a client sends takes the same way in.
        try scenario.database.run("COPY animals (id, kind) FROM PROGRAM 'echo 5,fox' (FORMAT csv)")
        try scenario.database.run("COPY animals (species, id) FROM PROGRAM 'echo bat,6' (FORMAT csv)")
        #expect(scenario.rows == "1|dog|dog, 2|owl|owl, 3|cow|cow, 4|emu|emu, 5|fox|fox, 6|bat|bat")
    }

    @Test(
        "types without an equality, and with one that is looser than identity",
        arguments: ["json", "numeric", "xml", "jsonb"])
    func looseTypes(type: String) throws {
        try withKnownIssue("this server is built without XML") {
            let values = [
                "json": ("{\"a\":1}", "{\"a\": 1}"), "numeric": ("1.0", "1.00"), "xml": ("<a/>", "<a></a>"),
                "jsonb": ("1.0", "1.00"),
            ]
            let (one, other) = try #require(values[type])
            let scenario = try SyncScenario(
                .postgres, [.init("kind", type, as: "species")], [.init("species", type, as: "kind")])
            try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, '\(one)')")
            try scenario.database.run("UPDATE animals SET species = '\(other)'")
            #expect(try scenario.database.run("SELECT kind::text FROM animals").scalar == .text(other))
            try scenario.database.run("UPDATE animals SET kind = '\(one)'")
            #expect(try scenario.database.run("SELECT species::text FROM animals").scalar == .text(one))
        } when: {
            type == "xml" && !ServerFeature.xml.isThere
        }
    }

    @Test("columns that are named like what the function itself uses")
    func namesOfTheFunction() throws {
        for name in ["new", "old", "tg_op", "writes_old", "found", "NEW", "row", "made", "back"] {
            let quoted = Dialect.postgres.quote(name)
            let scenario = try SyncScenario(
                .postgres, [.init(name, "integer", "species - 1")],
                [.init("species", "integer", "\(quoted) + 1")])
            try scenario.database.run("INSERT INTO animals (id, \(quoted)) VALUES (1, 1)")
            try scenario.database.run("UPDATE animals SET \(quoted) = 5")
            #expect(scenario.rows == "1|5|6", "\(name)")
            try scenario.database.run("UPDATE animals SET species = 3")
            #expect(scenario.rows == "1|2|3", "\(name)")
        }
    }
}

/// SQLite's triggers, where the statement's own words reach into them.
@Suite struct SyncSQLiteTests {
    private func rename(
        _ rest: String = "", suffix: String = "", key: String? = nil, after: [String] = []
    ) throws -> SyncScenario {
        try SyncScenario(
            .sqlite, key: key, [.init("kind", "text" + rest, as: "species")],
            [.init("species", "text" + rest, as: "kind")],
            suffix: suffix, after: after)
    }

    /// The clause of the statement takes the trigger's write away, or another row: then the statement fails as a whole.
    /// Only OR FAIL keeps the row that the trigger cannot follow, where the old shape has no such index; the plan says so.
    @Test(arguments: ["OR IGNORE", "OR REPLACE", "OR FAIL", "OR ROLLBACK", "OR ABORT", ""], [false, true])
    func conflictClauses(clause: String, isRecursive: Bool) throws {
        let mirrored = clause == "OR FAIL" ? ["CREATE UNIQUE INDEX o ON animals (kind)"] : []
        let scenario = try rename(after: ["CREATE UNIQUE INDEX u ON animals (species)"] + mirrored)
        try scenario.database.run("PRAGMA recursive_triggers = \(isRecursive ? "ON" : "OFF")")
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'dog'), (2, 'cat'), (3, NULL)")
        for sql in [
            "UPDATE \(clause) animals SET kind = 'dog' WHERE id = 2",
            "INSERT \(clause) INTO animals (id, kind) VALUES (4, 'dog')",
            "UPDATE \(clause) animals SET species = 'dog' WHERE id = 2",
            "INSERT \(clause) INTO animals (id, species) VALUES (5, 'cat')",
        ] {
            _ = scenario.after(sql)
            let apart = try scenario.database.run("SELECT count(*) FROM animals WHERE kind IS NOT species")
            #expect(apart.scalar == 0, "\(sql): \(scenario.rows)")
        }
    }

    @Test func keysOfAllKinds() throws {
        let keys: [(String, String)] = [
            ("id, b integer, PRIMARY KEY (id, b)", ""), ("id text COLLATE NOCASE PRIMARY KEY", ""),
            ("id, b integer DEFAULT 7, PRIMARY KEY (b, id)", " WITHOUT ROWID"), ("id", ""),
            ("id INTEGER PRIMARY KEY AUTOINCREMENT", ""), ("id, rowid text", ""),
            ("id blob PRIMARY KEY", " WITHOUT ROWID"),
        ]
        for (key, suffix) in keys {
            // A constraint of the table stands behind its columns.
            let parts = key.components(separatedBy: ", PRIMARY KEY")
            let scenario = try SyncScenario(
                .sqlite, key: parts[0], [.init("kind", "text", as: "species")],
                [.init("species", "text" + (parts.count > 1 ? ", PRIMARY KEY" + parts[1] : ""), as: "kind")],
                suffix: suffix)
            try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'dog'), (2, 'cat')")
            try scenario.database.run("UPDATE animals SET species = 'owl', id = 5 WHERE id = 1")
            try scenario.database.run("UPDATE animals SET kind = kind || 's'")
            #expect(scenario.rows == "2|cats|cats, 5|owls|owls", "\(key)\(suffix)")
        }
    }

    /// Others' triggers, which see the row before and after ours have written it.
    @Test(arguments: [false, true])
    func otherTriggers(isRecursive: Bool) throws {
        let scenario = try rename(after: [
            "CREATE TABLE log (kind text, species text)",
            """
            CREATE TRIGGER audit AFTER UPDATE ON animals BEGIN
                INSERT INTO log VALUES (NEW.kind, NEW.species);
            END
            """,
            """
            CREATE TRIGGER tidy AFTER INSERT ON animals WHEN NEW.kind = 'Dog' BEGIN
                UPDATE animals SET kind = 'dog' WHERE id = NEW.id;
            END
            """,
        ])
        try scenario.database.run("PRAGMA recursive_triggers = \(isRecursive ? "ON" : "OFF")")
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'Dog')")
        try scenario.database.run("UPDATE animals SET species = 'cat'")
        #expect(scenario.rows == "1|cat|cat")
    }

    @Test func foreignKeyActions() throws {
        let scenario = try SyncScenario(
            .sqlite,
            [.init("kind", "text REFERENCES kinds ON UPDATE CASCADE ON DELETE SET NULL", as: "species")],
            [.init("species", "text", as: "kind")],
            after: [
                "CREATE TABLE kinds (name text PRIMARY KEY)", "INSERT INTO kinds VALUES ('dog'), ('cat')",
            ])
        try scenario.database.run("PRAGMA foreign_keys = ON")
        try scenario.database.run("INSERT INTO animals (id, kind) VALUES (1, 'dog'), (2, 'cat')")
        try scenario.database.run("UPDATE kinds SET name = 'hound' WHERE name = 'dog'")
        try scenario.database.run("DELETE FROM kinds WHERE name = 'cat'")
        #expect(scenario.rows == "1|hound|hound, 2|NULL|NULL")
    }

    /// Whatever SQLite makes of a value on its way into the column: the shapes agree on what is stored.
    @Test(arguments: ["integer", "text", "real", "numeric", "blob", "", "any thing"])
    func affinities(type: String) throws {
        let scenario = try SyncScenario(
            .sqlite, [.init("kind", "text", "trim(species)")], [.init("species", type, "trim(kind)")],
            isLossyDown: true)
        for value in [
            "'5'", "'5.0'", "'005'", "5", "5.5", "'x'", "NULL", "''", "x'35'", "9007199254740993", "'1e3'",
        ] {
            try scenario.database.run("DELETE FROM animals")
            #expect(
                !scenario.after("INSERT INTO animals (id, kind) VALUES (1, \(value))").contains("do not"),
                "\(value)")
            #expect(!scenario.after("UPDATE animals SET species = \(value)").contains("do not"), "\(value)")
            #expect(!scenario.after("UPDATE animals SET kind = 'y', id = 2").contains("do not"), "\(value)")
            #expect(
                !scenario.after("UPDATE animals SET kind = \(value), id = 3").contains("do not"), "\(value)")
        }
    }
}
