import DoubleWrite
import DoubleWritePostgres
import DoubleWriteSQLite
import MigrationEngine
import PostgresDriver
import SQLiteDriver
import TestSupport

/// An application's connection: plain SQL, and the helper over the same one.
final class Client {
    enum Connection {
        case postgres(PostgresConnection)
        case sqlite(SQLiteConnection)
    }

    let connection: Connection
    let helper: any DoubleWriting

    init(_ location: DatabaseLocation) throws {
        switch location {
        case .postgres(let address):
            let connection = try PostgresConnection(address)
            self.connection = .postgres(connection)
            helper = DoubleWritePostgres(connection)
        case .sqlite(let path):
            let connection = try SQLiteConnection(path: path, busyTimeout: .seconds(20))
            self.connection = .sqlite(connection)
            helper = DoubleWriteSQLite(connection)
        }
    }

    deinit {
        switch connection {
        case .postgres(let connection): connection.close()
        case .sqlite(let connection): connection.close()
        }
    }

    @discardableResult
    func run(_ sql: String) throws -> ResultSet {
        switch connection {
        case .postgres(let connection): try connection.query(sql)
        case .sqlite(let connection): try connection.query(sql)
        }
    }

    /// Runs the first of these whose names the database knows: a tolerant application without the helper.
    func run(anyOf alternatives: String...) throws { try run(anyOf: alternatives) }

    /// A statement that had to wait meets the names of after: then those before it are right.
    func run(anyOf alternatives: [String]) throws {
        let last = alternatives.count * 3 - 1
        for attempt in 0...last {
            do {
                try run(alternatives[attempt % alternatives.count])
                return
            } catch let error where attempt < last && Self.isMissingName(error) { continue }
        }
    }

    private static func isMissingName(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError:
            [SQLState.undefinedColumn, SQLState.undefinedTable].contains(error.sqlState)
        case let error as SQLiteError:
            error.message.contains("no such ") || error.message.contains("has no column named")
        default: false
        }
    }
}
