import DoubleWrite
import MigrationCore
import Testing

/// What may stand in a list of `sql`, which runs in one transaction.
@Suite struct RawSQLTests {
    private func refusals(_ sql: String, _ dialect: Dialect) -> [String] {
        Planner(dialect: dialect).refusals(
            .sql(RawSQL(expand: [PerDialect(postgres: sql, sqlite: sql)])), .animals(dialect))
    }

    /// Statements that say what they are about.
    static let declared: [MigrationCore.Operation] = [
        .sql(
            RawSQL(
                expand: ["UPDATE animals SET age = 0 WHERE age IS NULL"],
                contract: ["ALTER TABLE animals DROP COLUMN kind"], undo: ["SELECT 1"],
                reads: [.init(table: "animals", columns: ["id", "kind"])],
                writes: [.init(table: "animals", columns: ["age"])],
                drops: [.init(table: "animals", columns: ["kind"])]))
    ]

    @Test(arguments: Dialect.allCases)
    func whatIsDroppedHasAGateAndIsGone(dialect: Dialect) throws {
        let migration = Migration(name: "m", operations: Self.declared)
        let planner = Planner(dialect: dialect)
        let plan = try planner.plan(migration, schema: .animals(dialect))
        #expect(plan.steps.map(\.step.id) == ["1.expand.sql", "1.transition.release", "1.contract.sql"])
        #expect(plan.steps[1].step.title == "no application uses column 'kind' of 'animals' any more")
        #expect(plan.steps[2].step.settlesFirst)
        let after = try planner.schema(after: migration, from: .animals(dialect))
        #expect(after["animals"]?.column("kind") == nil && after["animals"]?.column("age") != nil)
        let problems = #expect(throws: PlanningProblems.self) {
            try planner.planHistory(
                [
                    migration,
                    Migration(
                        name: "n", operations: [.dropDefault(DropDefault(table: "animals", column: "kind"))]),
                ], from: .animals(dialect))
        }
        #expect(
            problems?.problems.first?.message
                == "column 'kind' of 'animals' is gone by then: the statements of 'm' drop it")
    }

    @Test func whatIsDeclaredIsThere() {
        func refusals(_ sql: RawSQL) -> [String] {
            Planner(dialect: .sqlite).refusals(.sql(sql), .animals(.sqlite))
        }
        #expect(
            refusals(
                RawSQL(
                    expand: ["SELECT 1"], contract: ["SELECT 1"],
                    reads: [.init(table: "animals"), .init(table: "animal")],
                    writes: [.init(table: "animals", columns: ["id", "kin"])],
                    drops: [.init(table: "animals", columns: ["agee"]), .init(table: "a view")]))
                == [
                    "operations[0].sql.reads[1].table: table 'animal' does not exist; did you mean 'animals'?",
                    "operations[0].sql.writes[0].columns[1]: column 'kin' of 'animals' does not exist; did you mean 'kind'?",
                    "operations[0].sql.drops[0].columns[0]: column 'agee' of 'animals' does not exist; did you mean 'age'?",
                ])
    }

    /// What is declared is in the way of others as what an operation touches is.
    @Test func whatIsDeclaredIsNotChangedMeanwhile() throws {
        let rename = MigrationCore.Operation.renameColumn(
            RenameColumn(table: "animals", from: "kind", to: "species"))
        func statements(_ column: String, late: Bool, writes: Bool) -> MigrationCore.Operation {
            let use = [TableUse(table: "animals", columns: [column])]
            return .sql(
                RawSQL(
                    expand: ["SELECT 1"], contract: late ? ["SELECT 1"] : [], reads: writes ? [] : use,
                    writes: writes ? use : []))
        }
        func message(_ operations: MigrationCore.Operation...) -> String {
            do {
                _ = try Planner(dialect: .sqlite).plan(
                    Migration(name: "m", operations: operations), schema: .animals(.sqlite))
                return ""
            } catch { return "\(error)" }
        }
        for writes in [false, true] {
            let behind = message(rename, statements("species", late: false, writes: writes))
            #expect(
                behind.contains(
                    "touches column 'species' of 'animals' as operations[0].rename_column does"), "\(behind)")
            let before = message(statements("kind", late: true, writes: writes), rename)
            #expect(before.contains("as operations[0].sql does, which is finished only after the expand"))
            // Before the rename begins nothing is in the way.
            #expect(message(statements("kind", late: false, writes: writes), rename) == "")
        }
    }

    @Test(arguments: [
        "SELECT 1; COMMIT", "/* hm */ COMMIT", "-- hm\nCOMMIT", "SELECT 1;;ROLLBACK TO s",
        "START TRANSACTION",
        "SELECT ';'; END", "savepoint s", "RELEASE s", "SELECT 1; ABORT", "BEGIN",
        "SELECT 'it''s'; COMMIT; --'",
    ])
    func theTransactionIsNotLeft(sql: String) {
        for dialect in Dialect.allCases { #expect(refusals(sql, dialect).count == 1, "\(dialect): \(sql)") }
    }

    @Test(arguments: [
        "PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "VACUUM animals", "ALTER SYSTEM SET a = 1",
        "SELECT 1; CREATE DATABASE x", "DROP TABLESPACE x", "REINDEX TABLE CONCURRENTLY animals",
        "SELECT 1; DROP INDEX CONCURRENTLY i", "SELECT E'\\'; '; COMMIT", "/* /* */ ; */ COMMIT",
        "SELECT $a$ ; $a$; COMMIT", "SELECT E''\n'\\''; COMMIT", "SELECT a$b; COMMIT; SELECT a$b",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; END",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; COMMIT; END",
    ])
    func whatPostgreSQLRefusesOrEndsItBy(sql: String) {
        #expect(refusals(sql, .postgres).count == 1)
    }

    @Test(arguments: [
        "VACUUM", "ATTACH 'x' AS y", "DETACH y", "PRAGMA foreign_keys = OFF",
        "SELECT 1; PRAGMA main.foreign_keys(0)",
        "CREATE TRIGGER t AFTER INSERT ON animals BEGIN SELECT 1; END; END",
    ])
    func whatSQLiteRefusesOrEndsItBy(sql: String) {
        #expect(refusals(sql, .sqlite).count == 1)
    }

    @Test(arguments: [
        "-- COMMIT;\nSELECT 1", "/* BEGIN; */ SELECT 'COMMIT; ROLLBACK'", "SELECT \"; COMMIT\" FROM t",
        "UPDATE t SET a = '; COMMIT'; SELECT CASE WHEN 1 = 1 THEN 2 END;",
    ])
    func wordsElsewhereAreAccepted(sql: String) {
        for dialect in Dialect.allCases { #expect(refusals(sql, dialect) == [], "\(dialect)") }
    }

    @Test(arguments: [
        "DO $$ BEGIN PERFORM 1; COMMIT; END $$",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $b$ BEGIN; END $b$",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 1",
        "ALTER TYPE mood ADD VALUE 'calm'", "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
        "SELECT E'\\'; COMMIT'",
        "/* /* */ ; COMMIT; */ SELECT 1", "PREPARE p AS SELECT 1", "SELECT U&'; COMMIT', $1",
    ])
    func bodiesAreAcceptedByPostgreSQL(sql: String) {
        #expect(refusals(sql, .postgres) == [])
    }

    @Test(arguments: [
        "CREATE TEMP TRIGGER t AFTER UPDATE ON animals BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; SELECT 1; END; SELECT 2",
        "SELECT `; COMMIT`, [; COMMIT]", "PRAGMA user_version = 3",
    ])
    func bodiesAreAcceptedBySQLite(sql: String) {
        #expect(refusals(sql, .sqlite) == [])
    }
}
