import DoubleWrite
import PostgresDriver
import TestSupport
import Testing

@Suite struct PreparedTests {
    let connection: PostgresConnection

    init() throws {
        connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase())
        _ = try connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    }

    private func prepared() throws -> Int64? {
        try connection.query("SELECT count(*) FROM pg_prepared_statements").scalar?.integer
    }

    @Test func aStatementIsPreparedOnce() throws {
        let before = connection.roundTrips
        for number in 1...3 {
            let result = try connection.query(
                prepared: "twice", sql: "SELECT 2 * $1::int8", [.integer(Int64(number))])
            #expect(result.scalar == .integer(Int64(2 * number)))
        }
        #expect(connection.roundTrips == before + 4)
        #expect(try prepared() == 1)
    }

    @Test func anotherTextUnderTheSameNameIsPreparedAnew() throws {
        #expect(try connection.query(prepared: "n", sql: "SELECT 1", []).scalar == 1)
        #expect(try connection.query(prepared: "n", sql: "SELECT 2", []).scalar == 2)
        #expect(try prepared() == 1)
    }

    @Test func aStatementWhoseResultChangedCanBeRetried() throws {
        #expect(try connection.query(prepared: "all", sql: "SELECT * FROM t", []).rows == [[1]])
        _ = try connection.execute("ALTER TABLE t ADD COLUMN b text")
        let error = #expect(throws: PostgresError.self) {
            try connection.query(prepared: "all", sql: "SELECT * FROM t", [])
        }
        #expect(error?.sqlState == SQLState.featureNotSupported)
        #expect(error?.isStatementStale == true)
        try connection.forgetPrepared()
        #expect(try connection.query(prepared: "all", sql: "SELECT * FROM t", []).rows == [[1, .null]])
        #expect(try prepared() == 1)
    }

    @Test func aStatementThatTheServerForgotCanBeRetried() throws {
        _ = try connection.query(prepared: "n", sql: "SELECT 1", [])
        _ = try connection.execute("DEALLOCATE ALL")
        let error = #expect(throws: PostgresError.self) {
            try connection.query(prepared: "n", sql: "SELECT 1", [])
        }
        #expect(error?.sqlState == SQLState.invalidSQLStatementName)
        #expect(error?.isStatementStale == true)
        try connection.forgetPrepared()
        #expect(try connection.query(prepared: "n", sql: "SELECT 1", []).scalar == 1)
    }

    @Test func forgettingWorksInAFailedTransaction() throws {
        _ = try connection.query(prepared: "n", sql: "SELECT 1", [])
        _ = try? connection.execute("BEGIN; SELECT nothing")
        try connection.forgetPrepared()
        _ = try connection.execute("ROLLBACK")
        #expect(try connection.query(prepared: "n", sql: "SELECT 1", []).scalar == 1)
    }

    @Test func hostileNamesWillDo() throws {
        for name in HostileNames.all {
            #expect(try connection.query(prepared: name, sql: "SELECT 1", []).scalar == 1)
            #expect(try connection.query(prepared: name, sql: "SELECT 1", []).scalar == 1)
        }
        #expect(try prepared() == Int64(HostileNames.all.count))
    }
}
