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

    /// All tables; those that are named in full, as one is read that a migration copies.
    func introspect(_ tables: [TableName]? = nil) throws -> Schema {
        switch connection {
        case .postgres(let connection): try connection.introspect(tables)
        case .sqlite(let connection): try connection.introspect(tables)
        }
    }

    var isPostgres: Bool {
        switch connection {
        case .postgres: true
        case .sqlite: false
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

extension Session {
    /// Runs `body` in one transaction in which the table keeps its columns: the one that is open, or one of its own.
    func atomically<Result>(_ table: TableName, _ body: () throws -> Result) throws -> Result {
        let isOwn = !isInTransaction
        do {
            switch connection {
            case .postgres:
                if isOwn { try run("BEGIN") }
                try run("LOCK TABLE \(Dialect.postgres.quote(table)) IN ROW EXCLUSIVE MODE")
            case .sqlite: if isOwn { try run("BEGIN IMMEDIATE") }
            }
            let result = try body()
            if isOwn { try run("COMMIT") }
            return result
        } catch {
            if isOwn, isInTransaction { _ = try? run("ROLLBACK") }
            throw error
        }
    }

    /// Whether the table has that column now, whatever a snapshot says: a row type is no matter of snapshots.
    func hasColumn(_ column: String, _ table: TableName) throws -> Bool {
        switch connection {
        case .postgres:
            let row = "to_jsonb(jsonb_populate_record(NULL::\(Dialect.postgres.quote(table)), '{}'))"
            return try run("SELECT jsonb_exists(\(row), $1)::int", [.text(column)]).scalar?.integer == 1
        case .sqlite:
            return try run(
                "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE",
                [.text(table.name), .text(column)]
            ).scalar?.integer == 1
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
