internal import CSQLite

/// A result code of SQLite, primary or extended (<https://www.sqlite.org/rescode.html>).
public struct SQLiteResultCode: RawRepresentable, Sendable, Hashable {
    /// The number.
    public let rawValue: Int32

    /// The code of that number, known or not.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    private init(_ primary: SQLiteResultCode, _ number: Int32) {
        rawValue = primary.rawValue | number << 8
    }
}

extension SQLiteResultCode {
    /// The statement was refused, or failed for a reason without a code of its own.
    public static let error = SQLiteResultCode(rawValue: SQLITE_ERROR)
    /// SQLite found a mistake of its own.
    public static let `internal` = SQLiteResultCode(rawValue: SQLITE_INTERNAL)
    /// The access that was asked for could not be given.
    public static let permission = SQLiteResultCode(rawValue: SQLITE_PERM)
    /// The statement was ended by a callback, or by a rollback beside it.
    public static let abort = SQLiteResultCode(rawValue: SQLITE_ABORT)
    /// Another connection to the file holds the lock that is needed.
    public static let busy = SQLiteResultCode(rawValue: SQLITE_BUSY)
    /// This connection, or one that shares its cache, holds the lock that is needed.
    public static let locked = SQLiteResultCode(rawValue: SQLITE_LOCKED)
    /// There was no memory left.
    public static let outOfMemory = SQLiteResultCode(rawValue: SQLITE_NOMEM)
    /// The file may not be written, or the connection was opened for reading only.
    public static let readOnly = SQLiteResultCode(rawValue: SQLITE_READONLY)
    /// An interrupter ended the statement.
    public static let interrupted = SQLiteResultCode(rawValue: SQLITE_INTERRUPT)
    /// The operating system could not read or write the file.
    public static let io = SQLiteResultCode(rawValue: SQLITE_IOERR)
    /// The file is damaged.
    public static let corrupt = SQLiteResultCode(rawValue: SQLITE_CORRUPT)
    /// SQLite does not know an opcode; never a missing row or table.
    public static let notFound = SQLiteResultCode(rawValue: SQLITE_NOTFOUND)
    /// The disk is full.
    public static let full = SQLiteResultCode(rawValue: SQLITE_FULL)
    /// The file, or one beside it, could not be opened.
    public static let cannotOpen = SQLiteResultCode(rawValue: SQLITE_CANTOPEN)
    /// The locks of a write-ahead log were contended for too long.
    public static let lockProtocol = SQLiteResultCode(rawValue: SQLITE_PROTOCOL)
    /// The schema changed while the statement ran.
    public static let schema = SQLiteResultCode(rawValue: SQLITE_SCHEMA)
    /// A text or a blob is longer than the limit.
    public static let tooBig = SQLiteResultCode(rawValue: SQLITE_TOOBIG)
    /// A constraint refused the row; the extended code says which kind.
    public static let constraint = SQLiteResultCode(rawValue: SQLITE_CONSTRAINT)
    /// A value is not of the type that is needed there.
    public static let mismatch = SQLiteResultCode(rawValue: SQLITE_MISMATCH)
    /// A call that does not fit the state of the connection or the statement.
    public static let misuse = SQLiteResultCode(rawValue: SQLITE_MISUSE)
    /// The file grew past what the system supports.
    public static let noLargeFiles = SQLiteResultCode(rawValue: SQLITE_NOLFS)
    /// An authorizer refused the statement.
    public static let authorization = SQLiteResultCode(rawValue: SQLITE_AUTH)
    /// A parameter that the statement does not have, or one without a value.
    public static let range = SQLiteResultCode(rawValue: SQLITE_RANGE)
    /// The file is not an SQLite database, or it is encrypted.
    public static let notADatabase = SQLiteResultCode(rawValue: SQLITE_NOTADB)

    /// A read transaction cannot become a writing one: somebody wrote since it began. It must begin again.
    public static let busySnapshot = SQLiteResultCode(busy, 2)
    /// Another connection is recovering a write-ahead log.
    public static let busyRecovery = SQLiteResultCode(busy, 1)
    /// A blocking lock of the operating system was not given in time.
    public static let busyTimeout = SQLiteResultCode(busy, 3)
    /// A connection that shares the cache holds the lock.
    public static let lockedSharedCache = SQLiteResultCode(locked, 1)
    /// The file was moved or removed under the connection.
    public static let readOnlyMoved = SQLiteResultCode(readOnly, 4)
    /// The directory may not be written, so no journal can be made in it.
    public static let readOnlyDirectory = SQLiteResultCode(readOnly, 6)
    /// A CHECK refused the row.
    public static let constraintCheck = SQLiteResultCode(constraint, 1)
    /// A foreign key refused the row.
    public static let constraintForeignKey = SQLiteResultCode(constraint, 3)
    /// A column that is NOT NULL was given NULL.
    public static let constraintNotNull = SQLiteResultCode(constraint, 5)
    /// The primary key exists already.
    public static let constraintPrimaryKey = SQLiteResultCode(constraint, 6)
    /// A trigger called `RAISE`.
    public static let constraintTrigger = SQLiteResultCode(constraint, 7)
    /// A UNIQUE key exists already.
    public static let constraintUnique = SQLiteResultCode(constraint, 8)
    /// The rowid exists already.
    public static let constraintRowID = SQLiteResultCode(constraint, 10)
    /// A STRICT table refused the type of a value.
    public static let constraintDataType = SQLiteResultCode(constraint, 12)

    /// The code without what extends it.
    public var primary: SQLiteResultCode { SQLiteResultCode(rawValue: rawValue & 0xFF) }

    /// SQLite's own name, `SQLITE_BUSY_SNAPSHOT`; of an extended code that is not listed here, the primary
    /// one's name and the number.
    public var name: String {
        if let name = Self.names[self] { return name }
        guard let name = Self.names[primary] else { return "SQLITE_\(rawValue)" }
        return "\(name) (\(rawValue))"
    }

    private static let names: [SQLiteResultCode: String] = [
        error: "SQLITE_ERROR", `internal`: "SQLITE_INTERNAL", permission: "SQLITE_PERM",
        abort: "SQLITE_ABORT",
        busy: "SQLITE_BUSY", locked: "SQLITE_LOCKED", outOfMemory: "SQLITE_NOMEM",
        readOnly: "SQLITE_READONLY",
        interrupted: "SQLITE_INTERRUPT", io: "SQLITE_IOERR", corrupt: "SQLITE_CORRUPT",
        notFound: "SQLITE_NOTFOUND", full: "SQLITE_FULL", cannotOpen: "SQLITE_CANTOPEN",
        lockProtocol: "SQLITE_PROTOCOL", schema: "SQLITE_SCHEMA", tooBig: "SQLITE_TOOBIG",
        constraint: "SQLITE_CONSTRAINT", mismatch: "SQLITE_MISMATCH", misuse: "SQLITE_MISUSE",
        noLargeFiles: "SQLITE_NOLFS", authorization: "SQLITE_AUTH", range: "SQLITE_RANGE",
        notADatabase: "SQLITE_NOTADB",
        busySnapshot: "SQLITE_BUSY_SNAPSHOT", busyRecovery: "SQLITE_BUSY_RECOVERY",
        busyTimeout: "SQLITE_BUSY_TIMEOUT", lockedSharedCache: "SQLITE_LOCKED_SHAREDCACHE",
        readOnlyMoved: "SQLITE_READONLY_DBMOVED", readOnlyDirectory: "SQLITE_READONLY_DIRECTORY",
        constraintCheck: "SQLITE_CONSTRAINT_CHECK", constraintForeignKey: "SQLITE_CONSTRAINT_FOREIGNKEY",
        constraintNotNull: "SQLITE_CONSTRAINT_NOTNULL", constraintPrimaryKey: "SQLITE_CONSTRAINT_PRIMARYKEY",
        constraintTrigger: "SQLITE_CONSTRAINT_TRIGGER", constraintUnique: "SQLITE_CONSTRAINT_UNIQUE",
        constraintRowID: "SQLITE_CONSTRAINT_ROWID", constraintDataType: "SQLITE_CONSTRAINT_DATATYPE",
    ]
}
