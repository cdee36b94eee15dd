import DoubleWrite
import Foundation
import PostgresDriver
import TestSupport
import Testing

/// A network that swallows what goes over it, and a server that takes its time: what looks the same from here.
@Suite struct SilenceTests {
    private let wire: Wire

    init() throws { wire = try Wire(to: ThrowAwayPostgres.makeDatabase()) }

    private func connect(_ limit: Duration = .milliseconds(200), _ options: String = "") throws
        -> PostgresConnection
    {
        let connection = try PostgresConnection(wire.location + options, applicationName: "tests")
        connection.silenceLimit = limit
        return connection
    }

    private func loss(_ body: () throws -> Void) throws -> PostgresError {
        let error = try #require(#expect(throws: PostgresError.self, performing: body))
        #expect(error.isConnectionLost)
        #expect(error.sqlState == SQLState.connectionFailure)
        #expect(error.description.contains("nothing was heard of the server for"))
        return error
    }

    @Test func aStatementThatIsWorkedOnIsWaitedFor() throws {
        let connection = try connect(.milliseconds(100))
        #expect(try connection.query("SELECT 1 FROM pg_sleep(1)").scalar == 1)
        #expect(try connection.execute("SELECT 2 FROM pg_sleep(0.5)").last?.scalar == 2)
        #expect(try connection.query(prepared: "p", sql: "SELECT 3 FROM pg_sleep(0.5)", []).scalar == 3)
        // It did ask.
        #expect(wire.count > 3)
    }

    @Test func whatDoesNotArriveIsALostConnection() throws {
        let connection = try connect()
        wire.swallow(.open)
        let error = try loss { _ = try connection.query("SELECT 1") }
        #expect(error.message.contains("does not work on the statement any more"))
        #expect(connection.isLost)
        #expect(try loss2(connection).isConnectionLost)
    }

    private func loss2(_ connection: PostgresConnection) throws -> PostgresError {
        try #require(#expect(throws: PostgresError.self) { try connection.query("SELECT 1") })
    }

    /// The server has done it, and what it says is swallowed.
    @Test func anAnswerThatDoesNotArriveIsALostConnection() throws {
        let connection = try connect()
        let direct = try PostgresConnection(wire.location)
        _ = try direct.execute("CREATE TABLE t (a int)")
        let wire = wire
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.2)
            wire.swallow(.open)
        }
        _ = try loss { _ = try connection.execute("INSERT INTO t VALUES (1); SELECT pg_sleep(1)") }
        #expect(try PostgresConnection(wire.location).query("SELECT count(*) FROM t").scalar == 1)
    }

    @Test func whereNothingGetsThroughItIsLostAsWell() throws {
        let connection = try connect(.milliseconds(200), "&connect_timeout=2")
        wire.swallow(.all)
        let error = try loss { _ = try connection.query("SELECT 1") }
        #expect(error.message.contains("another connection could not ask it either"), "\(error)")
    }

    @Test func connectingHasALimit() throws {
        wire.swallow(.all)
        let error = #expect(throws: PostgresError.self) { _ = try connect(.seconds(1), "&connect_timeout=2") }
        #expect(error?.sqlState == SQLState.unableToConnect)
    }

    /// More than the buffers on the way hold.
    @Test func sendingHasALimit() throws {
        let connection = try connect()
        wire.swallow(.open)
        let long = SQLValue.text(String(repeating: "x", count: 64 << 20))
        _ = try loss { _ = try connection.query("SELECT length($1)", [long]) }
    }

    @Test func anAnswerOnItsWayIsWaitedFor() throws {
        let connection = try connect(.seconds(1))
        wire.swallow(.open)
        let (wire, before) = (wire, wire.count)
        Thread.detachNewThread {
            while wire.count == before { Thread.sleep(forTimeInterval: 0.002) }
            wire.goOn()
        }
        #expect(try connection.query("SELECT 1").scalar == 1)
        #expect(!connection.isLost)
    }

    /// There the number of the server process is the pooler's own.
    @Test func behindAPoolerAsWell() throws {
        let wire = try Wire(to: ThrowAwayPooler.location(of: ThrowAwayPostgres.makeDatabase()))
        let connection = try PostgresConnection(wire.location, applicationName: "tests")
        connection.silenceLimit = .milliseconds(200)
        #expect(try connection.query("SELECT 1 FROM pg_sleep(1)").scalar == 1)
        wire.swallow(.open)
        _ = try loss { _ = try connection.query("SELECT 2") }
    }
}
