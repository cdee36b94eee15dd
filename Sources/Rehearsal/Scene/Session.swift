internal import DoubleWrite
internal import DoubleWritePostgres
internal import DoubleWriteSQLite
internal import MigrationCore
internal import MigrationEngine
internal import PostgresDriver
internal import SQLiteDriver

/// A connection to a scratch database: plain SQL, and the helper over the same one.
final class Session {
    private enum Connection {
        case postgres(PostgresConnection)
        case sqlite(SQLiteConnection)
    }

    private let connection: Connection
    /// The helper that an application links.
    let helper: any DoubleWriting

    /// Connects.
    ///
    /// - Parameter patience: How long a statement waits for a lock before it is refused.
    init(_ location: DatabaseLocation, patience: Duration, isReadOnly: Bool = false) throws {
        switch location {
        case .postgres(let address):
            let connection = try PostgresConnection(address, applicationName: "rehearsal")
            _ = try connection.execute(
                "SET lock_timeout = \(max(1, patience.wholeMilliseconds)); SET statement_timeout = '30s'")
            if isReadOnly { _ = try connection.execute("SET default_transaction_read_only = on") }
            self.connection = .postgres(connection)
            helper = DoubleWritePostgres(connection)
        case .sqlite(let path):
            let connection = try SQLiteConnection(
                path: path, mode: isReadOnly ? .readOnly : .readWrite, busyTimeout: patience)
            self.connection = .sqlite(connection)
            helper = DoubleWriteSQLite(connection)
        }
    }

    deinit { close() }

    /// Runs one statement.
    @discardableResult
    func run(_ sql: String, _ parameters: [SQLValue] = []) throws -> ResultSet {
        switch connection {
        case .postgres(let connection): try connection.query(sql, parameters)
        case .sqlite(let connection): try connection.query(sql, parameters)
        }
    }

    /// Runs several statements.
    func runScript(_ sql: String) throws {
        switch connection {
        case .postgres(let connection): _ = try connection.execute(sql)
        case .sqlite(let connection): try connection.execute(sql)
        }
    }

    /// All tables.
    func introspect() throws -> Schema {
        switch connection {
        case .postgres(let connection): try connection.introspect()
        case .sqlite(let connection): try connection.introspect()
        }
    }

    var isInTransaction: Bool {
        switch connection {
        case .postgres(let connection): connection.isInTransaction
        case .sqlite(let connection): connection.isInTransaction
        }
    }

    /// Closes it; what is open is rolled back.
    func close() {
        switch connection {
        case .postgres(let connection): connection.close()
        case .sqlite(let connection): connection.close()
        }
    }

    /// Runs `body` and takes everything back that it did; its answer is `nil` where the database refused it.
    func trying<Result>(_ body: () throws -> Result) throws -> Result? {
        try run("BEGIN")
        defer { _ = try? run("ROLLBACK") }
        do {
            return try body()
        } catch let error where Setback(error).isAnswer {
            return nil
        }
    }
}

extension Duration {
    /// Whole milliseconds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
