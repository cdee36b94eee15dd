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

    /// Runs the first of these that the database takes: a tolerant application without the helper.
    func run(anyOf alternatives: String...) throws {
        for sql in alternatives.dropLast() {
            do {
                try run(sql)
                return
            } catch { continue }
        }
        try run(alternatives[alternatives.count - 1])
    }
}
