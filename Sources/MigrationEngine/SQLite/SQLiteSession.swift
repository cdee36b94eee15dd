internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

/// A connection to SQLite in the engine's words.
final class SQLiteSession: SQLSession {
    let connection: SQLiteConnection
    let dialect = Dialect.sqlite
    private let busyTimeout: Duration

    init(path: String, mode: SQLiteConnection.Mode, busyTimeout: Duration) throws {
        self.busyTimeout = busyTimeout
        do {
            connection = try SQLiteConnection(path: path, mode: mode, busyTimeout: busyTimeout)
        } catch {
            throw DatabaseFailure(error)
        }
    }

    /// How long a query waits in all, beyond one busy timeout. Whoever waits for SQLite's lock holds up nobody, and a
    /// file without a write-ahead log is closed to readers as well while somebody commits: a busy writer commits often.
    var patience = Duration.zero

    func query(_ sql: String, _ parameters: [SQLValue]) throws -> ResultSet {
        try waiting { connection throws(SQLiteError) in try connection.query(sql, parameters) }
    }

    /// The tables as they are, read in one snapshot.
    func introspect(_ tables: [TableName]?) throws -> Schema {
        try waiting { connection throws(SQLiteError) in try connection.introspect(tables) }
    }

    /// Whether another process has the file open; `nil` where that cannot be seen.
    func isOpenInAnotherProcess() throws -> Bool? {
        try waiting { connection throws(SQLiteError) in try connection.isOpenInAnotherProcess() }
    }

    /// Runs `body`, which may be begun again, until it is let in.
    private func waiting<Result>(_ body: (SQLiteConnection) throws(SQLiteError) -> Result) throws -> Result {
        let limit = ContinuousClock.now + patience
        while true {
            do {
                return try body(connection)
            } catch  where error.extendedCode == .busy && ContinuousClock.now < limit {
                Pause.sleep(.milliseconds(2))
            } catch {
                throw DatabaseFailure(error)
            }
        }
    }

    func execute(_ script: String) throws {
        do {
            try connection.execute(script)
        } catch {
            throw DatabaseFailure(error)
        }
    }

    /// Begins a transaction that holds the file's one write lock.
    ///
    /// SQLite's own waiting polls ever more rarely (<https://www.sqlite.org/src/file/src/main.c>, `sqliteDefaultBusyCallback`): beside
    /// writers that commit all the time it would find the lock free by chance alone. So this polls often, for one busy timeout.
    func beginWriting() throws {
        connection.setBusyTimeout(.zero)
        defer { connection.setBusyTimeout(busyTimeout) }
        let limit = ContinuousClock.now + busyTimeout
        while true {
            do {
                return try connection.execute("BEGIN IMMEDIATE")
            } catch  where error.code == .busy && ContinuousClock.now < limit {
                Pause.sleep(.milliseconds(1))
            } catch {
                throw DatabaseFailure(error)
            }
        }
    }

    var isInTransaction: Bool { connection.isInTransaction }

    func close() { connection.close() }
}

extension DatabaseFailure {
    /// What the engine makes of an error of SQLite's.
    init(_ error: SQLiteError) {
        self.init(kind: Self.kind(of: error), code: error.extendedCode.name, message: error.message)
    }

    private static func kind(of error: SQLiteError) -> Kind {
        switch error.code {
        case .busy, .locked: .lockNotAvailable
        case .readOnly: .readOnly
        case .cannotOpen, .notADatabase, .corrupt: .connection
        case .interrupted: .cancelled
        case .full: .diskFull
        case .error where error.message.hasPrefix("no such "): .missingName
        default: .other
        }
    }
}
