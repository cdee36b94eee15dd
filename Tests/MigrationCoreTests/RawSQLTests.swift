import DoubleWrite
import MigrationCore
import Testing

/// What may stand in a list of `sql`, which runs in one transaction.
@Suite struct RawSQLTests {
    private func refusals(_ sql: String, _ dialect: Dialect) -> [String] {
        Planner(dialect: dialect).refusals(
            .sql(RawSQL(expand: [PerDialect(postgres: sql, sqlite: sql)])), .animals(dialect))
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
