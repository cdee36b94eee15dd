internal import CSQLite
public import DoubleWrite
internal import MigrationCore

/// One connection to an SQLite database.
///
/// Synchronous: every call returns when the database has answered, and blocks the calling thread until then.
/// Not to be used from two threads at once; only ``interrupter()`` may be.
///
/// Every connection takes a double-quoted name for a name and never for a string
/// (<https://www.sqlite.org/quirks.html#dblquote>), enforces foreign keys and reports extended result codes.
public final class SQLiteConnection {
    /// What a connection may do with the file.
    public enum Mode: Sendable, Hashable, CaseIterable {
        case readOnly
        /// Reads and writes a file that exists. (Where the file may not be written, writes fail with
        /// ``SQLiteResultCode/readOnly``.)
        case readWrite
        /// Reads and writes, and makes the file where there is none.
        case create
    }

    /// The path it was opened with.
    public let path: String
    private var handle: OpaquePointer?
    private var statements: StatementCache
    private let sharedInterrupter: SQLiteInterrupter

    /// A number that advances with every statement but a plain query: with what changes anything, and with what begins or
    /// ends a transaction. What was read in a transaction holds as long as it stays the same.
    public private(set) var changeNumber = 0

    /// Opens the database file at `path`, or with `:memory:` one that lives as long as the connection.
    ///
    /// A path is only ever a path: percent signs, question marks and `file:` have no meaning of their own.
    /// The file is not read before the first statement.
    ///
    /// - Parameters:
    ///   - busyTimeout: How long a statement waits for another connection's lock before it fails with
    ///     ``SQLiteResultCode/busy``; to the millisecond.
    ///   - cachedStatements: How many prepared statements are kept.
    /// - Throws: ``SQLiteError`` where the file cannot be opened, or the library cannot do what is needed.
    public init(
        path: String, mode: Mode = .readWrite, busyTimeout: Duration = .seconds(5), cachedStatements: Int = 64
    ) throws(SQLiteError) {
        if let refusal = Self.refusal(libraryVersion: Self.libraryVersion) { throw refusal }
        let handle = try Self.open(path, mode)
        self.path = path
        self.handle = handle
        statements = StatementCache(capacity: cachedStatements)
        sharedInterrupter = SQLiteInterrupter(handle)
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Self.milliseconds(busyTimeout))
        try Self.set(SQLITE_DBCONFIG_DQS_DML, to: 0, named: "double-quoted strings in queries", on: handle)
        try Self.set(
            SQLITE_DBCONFIG_DQS_DDL, to: 0, named: "double-quoted strings in definitions", on: handle)
        try Self.set(SQLITE_DBCONFIG_ENABLE_FKEY, to: 1, named: "foreign keys", on: handle)
    }

    deinit { close() }

    /// Closes the connection; an open transaction is rolled back. Closing again does nothing.
    public func close() {
        statements.removeAll()
        sharedInterrupter.disarm()
        if let handle { sqlite3_close_v2(handle) }
        handle = nil
    }
}

// MARK: - Statements

extension SQLiteConnection {
    /// Runs one statement and returns all its rows.
    ///
    ///     try connection.query("UPDATE animals SET kind = ?1 WHERE id = ?2", ["dog", 7]).affectedRows
    ///
    /// Statements are prepared once and kept by their text. Text that is not valid UTF-8 is read with U+FFFD
    /// in place of what is not.
    ///
    /// - Parameters:
    ///   - sql: One statement. Text behind it that is more than blanks and comments is an error.
    ///   - parameters: As many values as the statement has parameters. A boolean is stored as 0 or 1; NaN,
    ///     which SQLite would store as NULL, is an error.
    /// - Returns: The rows. `affectedRows` is how many rows an INSERT, UPDATE or DELETE changed by itself
    ///   (not through triggers and foreign keys), for anything else how many it returned.
    @discardableResult
    public func query(_ sql: String, _ parameters: [SQLValue] = []) throws(SQLiteError) -> ResultSet {
        if let statement = statements.statement(sql) { return try run(statement, parameters) }
        let statement = try prepareOnly(sql)
        statements.keep(statement, as: sql)
        return try run(statement, parameters)
    }

    /// Runs the statements of a script, one after the other, up to the first that fails. Rows are passed
    /// over.
    public func execute(_ script: String) throws(SQLiteError) {
        let handle = try open(for: script)
        let bytes = Array(script.utf8)
        var position = 0
        while position < bytes.count {
            guard
                let statement = try Statement.prepare(bytes, from: &position, on: handle, keep: false)
            else { continue }
            _ = try run(statement, [])
        }
    }

    private func run(_ statement: Statement, _ parameters: [SQLValue]) throws(SQLiteError) -> ResultSet {
        if !statement.isQuery { changeNumber += 1 }
        return try statement.run(parameters)
    }

    /// Prepares a text that must be one statement.
    private func prepareOnly(_ sql: String) throws(SQLiteError) -> Statement {
        let handle = try open(for: sql)
        var position = 0
        let bytes = Array(sql.utf8)
        guard let statement = try Statement.prepare(bytes, from: &position, on: handle, keep: true) else {
            throw SQLiteError(
                action: "cannot run", code: .misuse, message: "there is no statement in it", sql: sql)
        }
        let rest = SQLTokens(String(decoding: bytes[position...], as: UTF8.self))
        guard rest.allSatisfy({ $0.isSymbol(";") }) else {
            throw SQLiteError(
                action: "cannot run", code: .misuse,
                message: "there is more than one statement in it, and only the first would have run",
                sql: sql,
                offset: position)
        }
        return statement
    }

    /// The file's whole path, with links followed, as the library knows it; `nil` where there is no file, or the connection is
    /// closed.
    var fileName: String? {
        let name = handle.flatMap { sqlite3_db_filename($0, "main") }.map { String(cString: $0) }
        return name?.isEmpty == false ? name : nil
    }

    /// The handle, where the connection is open and the text can be given to SQLite whole.
    private func open(for sql: String) throws(SQLiteError) -> OpaquePointer {
        guard let handle else {
            throw SQLiteError(
                action: "cannot run", code: .misuse, message: "the connection is closed", sql: sql)
        }
        guard !sql.utf8.contains(0) else {
            throw SQLiteError(
                action: "cannot run", code: .misuse,
                message: "there is a NUL in it, where SQLite would stop reading",
                sql: sql)
        }
        return handle
    }
}

// MARK: - State

extension SQLiteConnection {
    /// Whether a transaction is open; savepoints outside of one count.
    public var isInTransaction: Bool {
        handle.map { sqlite3_get_autocommit($0) == 0 } ?? false
    }

    /// The rowid of the last row this connection inserted; 0 before the first.
    public var lastInsertRowID: Int64 {
        handle.map { sqlite3_last_insert_rowid($0) } ?? 0
    }

    /// Whether the file may not be written, whatever the connection was opened for.
    public var isReadOnly: Bool {
        handle.map { sqlite3_db_readonly($0, "main") == 1 } ?? true
    }

    /// What ends a running statement from another thread.
    public func interrupter() -> SQLiteInterrupter { sharedInterrupter }

    /// How many prepared statements are kept now.
    var cachedStatements: Int { statements.count }

    /// The handle, for what else the driver asks SQLite.
    var openHandle: OpaquePointer? { handle }
}
