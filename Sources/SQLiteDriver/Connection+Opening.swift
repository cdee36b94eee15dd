internal import CSQLite

extension SQLiteConnection {
    /// The version of the SQLite library in use as a number: 3040001 for 3.40.1.
    public static var libraryVersion: Int { Int(sqlite3_libversion_number()) }

    /// The version of the SQLite library in use as a number: 3040001 for 3.40.1.
    public var libraryVersion: Int { Self.libraryVersion }

    /// The oldest library that has what is needed: 3.35 (`ALTER TABLE DROP COLUMN`, `RETURNING`).
    public static let oldestLibraryVersion = 3_035_000

    /// Why a library of that version cannot be used; `nil` where it can.
    public static func refusal(libraryVersion version: Int) -> SQLiteError? {
        guard version < oldestLibraryVersion else { return nil }
        let name = "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
        return SQLiteError(
            action: "cannot use SQLite '\(name)'", code: .misuse,
            message: "it cannot drop a column or return the rows it wrote; install SQLite 3.35 or later")
    }

    static func open(_ path: String, _ mode: Mode) throws(SQLiteError) -> OpaquePointer {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SQLiteError(
                action: "cannot open '\(path)'", code: .cannotOpen, message: "it is not the path of a file")
        }
        let flags =
            switch mode {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        // A library may be built to read `file:` as a URI, whatever the flags say.
        let name = path.hasPrefix("file:") ? "./" + path : path
        guard sqlite3_threadsafe() != 0 else {
            throw SQLiteError(
                action: "cannot open '\(path)'", code: .misuse,
                message: "this build of SQLite cannot be used from more than one thread")
        }
        var handle: OpaquePointer?
        let status = sqlite3_open_v2(name, &handle, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard let handle else {
            throw SQLiteError(action: "cannot open '\(path)'", code: .outOfMemory, message: "out of memory")
        }
        guard status == SQLITE_OK else {
            let error = SQLiteError(handle, action: "cannot open '\(path)'")
            sqlite3_close_v2(handle)
            throw error
        }
        return handle
    }

    /// Turns an option of the connection on or off, and makes sure that it took.
    static func set(
        _ option: Int32, to value: Int32, named name: String, on handle: OpaquePointer
    ) throws(SQLiteError) {
        var state: Int32 = -1
        guard bellows_sqlite_set(handle, option, value, &state) == SQLITE_OK, state == value else {
            throw SQLiteError(
                action: "cannot turn \(value == 0 ? "off" : "on") \(name)", code: .misuse,
                message:
                    "this build of SQLite \(String(cString: sqlite3_libversion())) does not let it be set")
        }
    }

    /// Whole milliseconds, rounded up and at most what SQLite takes.
    static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : Int32(clamping: whole.addingReportingOverflow(fraction).partialValue)
    }
}
