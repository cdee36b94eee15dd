import Dispatch
import DoubleWrite
import Foundation
import PostgresDriver
import TestSupport
import Testing

@Suite struct ConnectionTests {
    let location: String
    let connection: PostgresConnection

    init() throws {
        location = try ThrowAwayPostgres.makeDatabase()
        connection = try PostgresConnection(location, applicationName: "tests")
    }

    @Test func valuesComeBackAsTheyWent() throws {
        let values: [SQLValue] = [
            .null, true, false, .integer(.max), .integer(.min), 1.5, .real(.infinity), "",
            "O'Hara \\ \"x\" 🐕", .blob([]), .blob([0, 1, 0x5c, 0x27, 255]),
        ]
        let sql = """
            SELECT $1::text, $2::bool, $3::bool, $4::int8, $5::int8, $6::float8, $7::float8, $8::text, $9::text,
                $10::bytea, $11::bytea
            """
        #expect(try connection.query(sql, values).rows == [values])
        #expect(try connection.query(prepared: "values", sql: sql, values).rows == [values])
        _ = try connection.execute("SET bytea_output = escape")
        #expect(try connection.query(sql, values).rows == [values])
    }

    @Test func valuesAreToldApartByType() throws {
        let result = try connection.query(
            """
            SELECT 1::int2 AS a, 2::int4 AS b, 3::oid AS c, 0.1::float4 AS d, 'NaN'::float8 AS e, 1.50::numeric AS f,
                '{}'::jsonb AS g, NULL::bool AS h
            """)
        #expect(result.columns == ["a", "b", "c", "d", "e", "f", "g", "h"])
        let row = try #require(result.rows.first)
        #expect(row[..<4] == [1, 2, 3, 0.1])
        guard case .real(let number) = row[4] else { return #expect(Bool(false), "\(row[4])") }
        #expect(number.isNaN)
        #expect(row[5...] == ["1.50", "{}", .null])
    }

    @Test func rowsAreCounted() throws {
        _ = try connection.execute("CREATE TABLE t (a int)")
        #expect(try connection.query("INSERT INTO t SELECT generate_series(1, 5)").affectedRows == 5)
        #expect(try connection.query("UPDATE t SET a = 0 WHERE a > 3").affectedRows == 2)
        let result = try connection.query("SELECT a FROM t WHERE a = 0")
        #expect(result.affectedRows == 2)
        #expect(try connection.query("SELECT a FROM t WHERE a = 9") == ResultSet(columns: ["a"]))
    }

    @Test func aScriptGivesAResultForEachStatement() throws {
        let results = try connection.execute("SELECT 1 AS a; CREATE TABLE t (a int); ; SELECT 2, 3")
        #expect(results.map(\.rows) == [[[1]], [], [[2, 3]]])
        #expect(try connection.execute("") == [ResultSet()])
    }

    @Test func aScriptFailsAsAWhole() throws {
        let error = #expect(throws: PostgresError.self) {
            try connection.execute("CREATE TABLE t (a int); SELECT nothing FROM t; CREATE TABLE u (a int)")
        }
        #expect(error?.sqlState == SQLState.undefinedColumn)
        #expect(try connection.query("SELECT to_regclass('t'), to_regclass('u')").rows == [[.null, .null]])
    }

    @Test func severalStatementsAreNoQuery() {
        let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1; SELECT 2") }
        #expect(error?.sqlState == SQLState.syntaxError)
    }

    @Test func aZeroByteIsRefusedBeforeItIsSent() throws {
        let before = connection.roundTrips
        #expect(throws: PostgresError.self) { try connection.query("SELECT $1::text", ["a\0b"]) }
        #expect(throws: PostgresError.self) { try connection.query("SELECT 'a\0b'") }
        #expect(throws: PostgresError.self) { try connection.execute("SELECT 'a\0b'") }
        #expect(throws: PostgresError.self) { try connection.query(prepared: "n", sql: "SELECT '\0'", []) }
        #expect(throws: PostgresError.self) { try PostgresConnection("a\0b") }
        #expect(connection.roundTrips == before)
    }

    @Test func roundTripsAreCounted() throws {
        #expect(connection.roundTrips == 0)
        _ = try connection.query("SELECT 1")
        _ = try connection.execute("SELECT 1; SELECT 2")
        _ = try? connection.query("SELECT nothing")
        #expect(connection.roundTrips == 3)
    }

    @Test func theSessionIsAsPromised() throws {
        let settings = ["client_encoding", "standard_conforming_strings", "application_name"].map {
            try? connection.query("SELECT current_setting($1)", [.text($0)]).scalar
        }
        #expect(settings == ["UTF8", "on", "tests"])
        #expect(
            try connection.query("SELECT pg_backend_pid()").scalar?.integer == Int64(connection.backendID))
        let version = try connection.query("SELECT current_setting('server_version_num')").scalar?.text
        #expect(version == String(connection.serverVersion))
    }

    @Test func backslashesAreLiteralWhateverTheRoleSays() throws {
        _ = try connection.execute("ALTER ROLE postgres SET standard_conforming_strings = off")
        defer { _ = try? connection.execute("ALTER ROLE postgres RESET standard_conforming_strings") }
        let other = try PostgresConnection(location)
        #expect(try other.query("SELECT 'a\\'").scalar == "a\\")
    }

    @Test func noticesAreHandedOverAndNotPrinted() throws {
        var notices: [PostgresNotice] = []
        connection.onNotice = { notices.append($0) }
        _ = try connection.execute("CREATE TABLE \(String(repeating: "x", count: 70)) (a int)")
        #expect(notices.map(\.sqlState) == [SQLState.nameTooLong])
        #expect(notices.first?.severity == "NOTICE")
    }

    @Test func copyIsRefusedAndTheConnectionStaysUsable() throws {
        _ = try connection.execute("CREATE TABLE t (a int)")
        for sql in ["COPY t FROM STDIN", "COPY t TO STDOUT"] {
            #expect(throws: PostgresError.self) { try connection.execute(sql) }
            #expect(throws: PostgresError.self) { try connection.query(sql) }
            #expect(try connection.query("SELECT 1").scalar == 1)
        }
    }

    @Test func aCancelledStatementFailsAndTheConnectionLives() throws {
        let canceller = connection.canceller()
        let backend = connection.backendID
        let other = location
        let isOver = DispatchSemaphore(value: 0)
        // A thread of its own: the pool's threads may all be busy with blocking tests.
        Thread.detachNewThread {
            defer { isOver.signal() }
            guard let watcher = try? PostgresConnection(other) else { return }
            let running = "SELECT 1 FROM pg_stat_activity WHERE pid = \(backend) AND wait_event = 'PgSleep'"
            for _ in 0..<3000 {
                guard let seen = try? watcher.query(running) else { return }
                if !seen.rows.isEmpty { return (try? canceller.cancel()) ?? () }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
        let error = #expect(throws: PostgresError.self) { try connection.query("SELECT pg_sleep(60)") }
        isOver.wait()
        #expect(error?.sqlState == SQLState.queryCanceled)
        #expect(error?.isConnectionLost == false)
        #expect(try connection.query("SELECT 1").scalar == 1)
    }

    @Test func aClosedConnectionSaysSo() {
        connection.close()
        connection.close()
        let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
        #expect(error?.isConnectionLost == true)
        #expect(connection.isLost)
        #expect(!connection.isInTransaction)
    }

    @Test func hostileNamesGoThereAndBack() throws {
        for name in HostileNames.all {
            let quoted = Dialect.postgres.quote(name)
            _ = try connection.execute("CREATE TABLE \(quoted) (\(quoted) text)")
            _ = try connection.query("INSERT INTO \(quoted) (\(quoted)) VALUES ($1)", [.text(name)])
            let result = try connection.query("SELECT \(quoted) FROM \(quoted)")
            #expect(result.columns == [name])
            #expect(result.rows == [[.text(name)]])
        }
    }
}
