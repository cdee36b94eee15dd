import DoubleWrite
import MigrationCore
import Testing

/// What a release that knows only a table's old name can still do, and what a retired table no longer does.
@Suite struct TableNameTests {
    private static let postgres = [
        """
        DO $$ BEGIN CREATE ROLE plan_clerk;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
        """,
        "GRANT USAGE ON SCHEMA public TO plan_clerk",
        """
        CREATE TABLE animals (id serial PRIMARY KEY, kind text NOT NULL DEFAULT 'dog', age integer DEFAULT 3,
            name text UNIQUE, twice integer GENERATED ALWAYS AS (age * 2) STORED)
        """,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON animals TO plan_clerk",
        "GRANT USAGE ON SEQUENCE animals_id_seq TO plan_clerk",
        "INSERT INTO animals (name) VALUES ('Rex')",
    ]

    private func renamed(_ dialect: Dialect, _ script: [String], through phase: Phase = .expand) throws
        -> (TestDatabase, Plan)
    {
        let database = try TestDatabase(dialect, script)
        let plan = try Planner(dialect: dialect).plan(
            Migration(name: "m", operations: [.renameTable(RenameTable(table: "animals", to: "residents"))]),
            schema: database.schema())
        let run = PlanRun(database: database)
        for (place, step) in plan.steps where place <= phase { try run.run(step) }
        return (database, plan)
    }

    @Test func everythingWorksUnderTheOldNameInPostgreSQL() throws {
        let (database, plan) = try renamed(.postgres, Self.postgres)
        try database.run("SET ROLE plan_clerk")
        #expect(
            try database.run("INSERT INTO animals (name) VALUES ('Tom') RETURNING id, kind, age, twice").rows
                == [[2, "dog", 3, 6]])
        try database.run(
            "INSERT INTO animals (name, age) VALUES ('Tom', NULL) ON CONFLICT (name) DO UPDATE SET age = NULL"
        )
        #expect(try database.run("UPDATE animals SET kind = 'cat' WHERE name = 'Tom'").affectedRows == 1)
        #expect(try database.run("SELECT id FROM animals WHERE name = 'Tom' FOR UPDATE").rows == [[2]])
        try database.transaction(["LOCK TABLE animals IN ROW EXCLUSIVE MODE"])
        #expect(
            try database.run("SELECT id, kind, age, name FROM residents ORDER BY id").rows
                == [[1, "dog", 3, "Rex"], [2, "cat", .null, "Tom"]])
        #expect(try database.run("DELETE FROM animals WHERE id = 1").affectedRows == 1)
        try database.run("INSERT INTO residents (name) VALUES ('Kim')")
        #expect(try database.run("SELECT name FROM animals ORDER BY id").rows == [["Tom"], ["Kim"]])
        #expect(throws: TestDatabase.Failure.self) {
            try database.run(
                "INSERT INTO animals (name) VALUES ('Tom') ON CONFLICT ON CONSTRAINT animals_name_key DO NOTHING"
            )
        }
        try database.run("RESET ROLE")
        #expect(plan.warnings.contains { $0.contains("ON CONFLICT ON CONSTRAINT") })
    }

    /// The view looks with the rights of whoever uses it: policies hold under both names.
    @Test func rowSecurityHoldsUnderTheOldName() throws {
        let (database, _) = try renamed(
            .postgres,
            Self.postgres + [
                "ALTER TABLE animals ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY dogs ON animals TO plan_clerk USING (kind = 'dog')",
                "INSERT INTO animals (kind) VALUES ('cat')",
            ])
        try database.run("SET ROLE plan_clerk")
        #expect(try database.run("SELECT kind FROM animals").rows == [["dog"]])
        #expect(try database.run("DELETE FROM animals").affectedRows == 1)
        #expect(throws: TestDatabase.Failure.self) {
            try database.run("INSERT INTO animals (kind) VALUES ('cat')")
        }
        try database.run("RESET ROLE")
    }

    private static let sqlite = [
        """
        CREATE TABLE animals (id INTEGER PRIMARY KEY AUTOINCREMENT, kind text NOT NULL DEFAULT 'dog', age integer DEFAULT 3,
            name text, twice integer GENERATED ALWAYS AS (age * 2) STORED)
        """,
        "CREATE UNIQUE INDEX names ON animals (name)",
        "INSERT INTO animals (name) VALUES ('Rex')",
    ]

    @Test func mostWorksUnderTheOldNameInSQLite() throws {
        let (database, plan) = try renamed(.sqlite, Self.sqlite)
        try database.run("INSERT INTO animals (name, age) VALUES ('Tom', 4)")
        try database.run("INSERT OR IGNORE INTO animals (name, age) VALUES ('Tom', 5)")
        try database.run("UPDATE animals SET kind = 'cat', age = NULL WHERE name = 'Tom'")
        #expect(
            try database.run("SELECT id, kind, age, name FROM residents ORDER BY id").rows
                == [[1, "dog", 3, "Rex"], [2, "cat", .null, "Tom"]])
        try database.run("INSERT OR REPLACE INTO animals (id, name, age) VALUES (2, 'Tim', 1)")
        #expect(
            try database.run("SELECT name, kind, twice FROM animals WHERE id = 2").rows == [
                ["Tim", "dog", 2]
            ])
        try database.run("DELETE FROM animals WHERE id = 1")
        #expect(try database.run("SELECT id FROM residents").rows == [[2]])
        #expect(plan.warnings.contains { $0.contains("upserts") && $0.contains("'age'") })
    }

    /// What a view cannot tell apart is refused and not guessed.
    @Test func aValueThatIsLeftOutIsNotTakenForNull() throws {
        let (database, _) = try renamed(.sqlite, Self.sqlite)
        let error = #expect(throws: TestDatabase.Failure.self) {
            try database.run("INSERT INTO animals (name) VALUES ('Tom')")
        }
        #expect(error?.error.contains("needs a value for 'age'") == true)
        #expect(throws: TestDatabase.Failure.self) {
            try database.run(
                "INSERT INTO animals (name, age) VALUES ('Rex', 1) ON CONFLICT (name) DO UPDATE SET age = 1")
        }
        #expect(try database.run("SELECT name FROM residents").rows == [["Rex"]])
    }

    @Test(arguments: Dialect.allCases)
    func theOldNameFailsInTheEnd(dialect: Dialect) throws {
        let (database, _) = try renamed(
            dialect, dialect == .postgres ? Self.postgres : Self.sqlite, through: .contract)
        #expect(throws: TestDatabase.Failure.self) { try database.run("SELECT 1 FROM animals") }
        #expect(try database.run("SELECT name FROM residents").rows == [["Rex"]])
    }

    @Test(arguments: Dialect.allCases)
    func declaredChangesAreNamed(dialect: Dialect) throws {
        let key = dialect == .postgres ? "bigint" : "INTEGER"
        let database = try TestDatabase(dialect, ["CREATE TABLE animals (id \(key) PRIMARY KEY)"])
        let plan = try Planner(dialect: dialect).plan(
            Migration(name: "m", operations: [.renameTable(RenameTable(table: "animals", to: "residents"))]),
            schema: database.schema(), finishedChanges: [ChangeID("animals.species"), ChangeID("animalsx.y")])
        #expect(plan.warnings.contains { $0.contains("'animals.species'") && !$0.contains("animalsx") })
    }
}

/// A retired table holds nobody up.
@Suite struct RetiredTableTests {
    private static func script(_ dialect: Dialect, _ action: String = "") -> [String] {
        let key = dialect == .postgres ? "bigint" : "integer"
        return [
            "CREATE TABLE owners (id \(key) PRIMARY KEY)", "INSERT INTO owners VALUES (1), (2), (3)",
            "CREATE TABLE animals (id \(key) PRIMARY KEY, owner \(key) REFERENCES owners \(action), "
                + "boss \(key) REFERENCES animals)",
            "INSERT INTO animals VALUES (1, 1, NULL), (2, 2, 1), (3, NULL, 1)",
        ]
    }

    private func retired(_ dialect: Dialect, _ script: [String]) throws -> (TestDatabase, Plan) {
        let database = try TestDatabase(dialect, script)
        let plan = try Planner(dialect: dialect).plan(
            Migration(name: "m", operations: [.dropTable(DropTable(table: "animals"))]),
            schema: database.schema())
        let run = PlanRun(database: database)
        for (_, step) in plan.steps where step.isReversible { try run.run(step) }
        return (database, plan)
    }

    @Test(arguments: Dialect.allCases, ["", "ON DELETE RESTRICT ON UPDATE RESTRICT"])
    func whatItPointsAtCanGo(dialect: Dialect, action: String) throws {
        let (database, plan) = try retired(dialect, Self.script(dialect, action))
        #expect(throws: TestDatabase.Failure.self) { try database.run("SELECT 1 FROM animals") }
        #expect(try database.run("DELETE FROM owners WHERE id = 1").affectedRows == 1)
        try database.run("UPDATE owners SET id = 20 WHERE id = 2")
        #expect(try database.run("SELECT id FROM owners ORDER BY id").rows == [[3], [20]])
        let run = PlanRun(database: database)
        for (_, step) in plan.steps where !step.isReversible { try run.run(step) }
        #expect(
            try database.schema().tables.map(\.name.name).filter {
                $0 != "stages" && !$0.hasPrefix("bellows")
            } == ["owners"])
        try database.run("DELETE FROM owners")
    }

    /// PostgreSQL keeps the rows, so a rollback says which of them point at nothing any more.
    @Test func aRollbackCountsWhatPointsAtNothing() throws {
        let (database, plan) = try retired(.postgres, Self.script(.postgres))
        try database.run("DELETE FROM owners WHERE id = 1")
        let retire = try #require(plan.steps.map(\.step).last { !$0.undo.isEmpty })
        guard case .verify(let verification) = try #require(retire.undo.first).action else {
            Issue.record("nothing is counted")
            return
        }
        #expect(try database.run(verification.countStatement(.postgres)).rows == [[1]])
    }

    /// In SQLite they let go of what they pointed at, as the plan says, and come back without it.
    @Test func aRollbackBringsTheRowsBack() throws {
        let (database, plan) = try retired(.sqlite, Self.script(.sqlite))
        try database.run("DELETE FROM owners WHERE id = 2")
        let run = PlanRun(database: database)
        for (_, step) in plan.steps.reversed() where step.isReversible {
            for undo in step.undo { try run.run(undo) }
        }
        #expect(
            try database.run("SELECT id, owner, boss FROM animals ORDER BY id").rows
                == [[1, 1, .null], [2, .null, 1], [3, .null, 1]])
        #expect(try database.run("SELECT name FROM sqlite_schema WHERE type = 'trigger'").rows == [])
    }

    /// Where a row cannot be without what it points at, it goes, and what points at it within the table lets go.
    @Test func aRowThatMustPointGoes() throws {
        let (database, plan) = try retired(
            .sqlite,
            [
                "CREATE TABLE owners (id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
                "INSERT INTO owners VALUES (1, 'a'), (2, 'b')",
                "CREATE TABLE animals (id INTEGER PRIMARY KEY, owner TEXT NOT NULL REFERENCES owners (code), "
                    + "boss INTEGER REFERENCES animals)",
                "INSERT INTO animals VALUES (1, 'a', NULL), (2, 'b', 1)",
            ])
        try database.run("UPDATE owners SET code = 'c' WHERE id = 2")
        try database.run("DELETE FROM owners WHERE id = 1")
        let run = PlanRun(database: database)
        for (_, step) in plan.steps.reversed() where step.isReversible {
            for undo in step.undo { try run.run(undo) }
        }
        #expect(try database.run("SELECT id, owner, boss FROM animals").rows == [[2, "c", .null]])
    }
}
