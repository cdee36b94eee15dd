import DoubleWrite
import PostgresDriver
import TestSupport
import Testing

@Suite struct TransactionTests {
    let location: String
    let connection: PostgresConnection

    init() throws {
        location = try ThrowAwayPostgres.makeDatabase()
        connection = try PostgresConnection(location)
        _ = try connection.execute(
            "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (1)")
    }

    /// Whether the number advances with the script.
    private func advances(_ script: String) -> Bool {
        let before = connection.transactionNumber
        _ = try? connection.execute(script)
        return connection.transactionNumber > before
    }

    @Test func theNumberAdvancesWithEachBoundary() throws {
        #expect(!advances("SELECT 1"))
        #expect(!advances("INSERT INTO t VALUES (2)"))
        #expect(advances("BEGIN"))
        #expect(connection.isInTransaction)
        #expect(!advances("SELECT 1"))
        #expect(!advances("SAVEPOINT s"))
        #expect(!advances("RELEASE s"))
        #expect(!advances("SAVEPOINT s"))
        #expect(advances("ROLLBACK TO s"))
        #expect(advances("COMMIT AND CHAIN"))
        #expect(advances("ROLLBACK AND CHAIN"))
        #expect(advances("COMMIT"))
        #expect(!connection.isInTransaction)
        #expect(advances("START TRANSACTION"))
        #expect(advances("PREPARE TRANSACTION 'p'"))
        #expect(!connection.isInTransaction)
        _ = try connection.execute("ROLLBACK PREPARED 'p'")
    }

    @Test func theNumberAdvancesWhereNoCommandSaysSo() throws {
        #expect(advances("BEGIN; INSERT INTO t VALUES (1)"))
        #expect(advances("COMMIT"), "a COMMIT that fails ends the transaction all the same")
        #expect(!connection.isInTransaction)
        #expect(advances("BEGIN; SELECT nothing"))
        #expect(connection.isTransactionFailed)
        #expect(advances("COMMIT"))
        #expect(advances("BEGIN; COMMIT; SELECT nothing"))
        #expect(!connection.isInTransaction)
        #expect(advances("BEGIN; ROLLBACK; BEGIN"))
    }

    @Test func itAlsoAdvancesByTheExtendedProtocol() throws {
        let before = connection.transactionNumber
        _ = try connection.query("BEGIN")
        _ = try connection.query(prepared: "end", sql: "ROLLBACK", [])
        #expect(connection.transactionNumber == before + 2)
    }

    @Test func aConnectionThatIsEndedIsLost() throws {
        _ = try connection.execute("BEGIN")
        let before = connection.transactionNumber
        let other = try PostgresConnection(location)
        _ = try other.query("SELECT pg_terminate_backend($1, 10000)", [.integer(Int64(connection.backendID))])
        let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
        #expect(error?.sqlState == SQLState.adminShutdown, "\(String(reflecting: error))")
        #expect(error?.isConnectionLost == true)
        #expect(connection.isLost)
        #expect(!connection.isInTransaction)
        #expect(connection.transactionNumber > before)
        let next = #expect(throws: PostgresError.self) { try connection.execute("SELECT 1") }
        #expect(next?.isConnectionLost == true)
        #expect(next?.sqlState == SQLState.connectionFailure)
    }
}
