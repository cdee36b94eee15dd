import DoubleWrite
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

/// What introspection does to the session that it runs in, and how much it asks.
@Suite struct IntrospectionSessionTests {
    let connection: PostgresConnection

    init() throws { connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase()) }

    private func table(_ name: TableName, after script: String) throws -> Table {
        _ = try connection.execute(script)
        return try #require(try connection.introspect([name])[name])
    }

    @Test func nothingIsLeftBehind() throws {
        _ = try connection.execute("CREATE TABLE t (a int CHECK (a > 0)); CREATE INDEX ON t ((a + 1))")
        let before = connection.isInTransaction
        _ = try connection.introspect(["t", "missing"])
        #expect(connection.isInTransaction == before)
        _ = try connection.execute("BEGIN; INSERT INTO t VALUES (1)")
        let inside = try connection.introspect(["t"])
        #expect(connection.isInTransaction)
        #expect(inside["t"]?.checks.first?.definition.columns == ["a"])
        _ = try connection.execute("COMMIT")
        #expect(try connection.query("SELECT count(*) FROM t").scalar == 1)
        let left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'bellows%' AND relpersistence = 't'"
        #expect(try connection.query(left).scalar == 0)
        #expect(try connection.introspect(["t"]) == inside)
    }

    @Test func aReadOnlySessionGetsWholeTexts() throws {
        _ = try connection.execute(
            "CREATE TABLE t (a int CHECK (a > 0)); SET default_transaction_read_only = on")
        let check = try connection.introspect(["t"])["t"]?.checks.first
        #expect(check?.definition == SQLTemplate([.text("CHECK ((a > 0))")]))
        #expect(check?.columns == ["a"])
    }

    @Test func whatCannotBeCopiedKeepsItsWholeText() throws {
        let table = try table(
            "t",
            after: """
                CREATE TABLE t (a int);
                CREATE FUNCTION fine(t) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
                ALTER TABLE t ADD CHECK (fine(t.*))
                """)
        #expect(table.checks.first?.definition == SQLTemplate([.text("CHECK (fine(t.*))")]))
    }

    @Test func theNumberOfStatementsIsFixed() throws {
        _ = try connection.execute("CREATE TABLE one (a int)")
        let before = connection.roundTrips
        _ = try connection.introspect()
        let forOne = connection.roundTrips - before
        for number in 0..<50 { _ = try connection.execute("CREATE TABLE t\(number) (a int PRIMARY KEY)") }
        let then = connection.roundTrips
        #expect(try connection.introspect().tables.count == 51)
        #expect(connection.roundTrips - then == forOne)
    }
}
