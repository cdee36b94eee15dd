internal import CSQLite
internal import DoubleWrite
internal import MigrationCore

/// A prepared statement. It owns its handle.
///
/// SQLite prepares it again by itself when the schema has changed
/// (<https://www.sqlite.org/c3ref/prepare.html>).
final class Statement {
    let sql: String
    /// Its first word, in capitals.
    let keyword: String
    /// Whether it only reads, and begins and ends nothing.
    let isQuery: Bool
    /// Whether `sqlite3_changes` speaks of this statement afterwards; others leave the number of the one before.
    private let countsChanges: Bool
    /// When it was used last, as its cache counts.
    var lastUse: UInt64 = 0
    private let handle: OpaquePointer
    private let database: OpaquePointer

    /// Prepares the first statement of `bytes` from `position` on, and moves `position` behind it.
    ///
    /// - Returns: `nil` where only blanks and comments are left.
    static func prepare(
        _ bytes: [UInt8], from position: inout Int, on database: OpaquePointer, keep: Bool
    ) throws(SQLiteError) -> Statement? {
        var handle: OpaquePointer?
        let start = position
        let (status, end) = bytes.withUnsafeBytes { buffer -> (Int32, Int) in
            guard let base = buffer.bindMemory(to: CChar.self).baseAddress else { return (SQLITE_OK, start) }
            var tail: UnsafePointer<CChar>?
            let flags = keep ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
            let length = Int32(clamping: buffer.count - start)
            let status = sqlite3_prepare_v3(database, base + start, length, flags, &handle, &tail)
            return (status, tail.map { $0 - base } ?? buffer.count)
        }
        guard status == SQLITE_OK else {
            let rest = String(decoding: bytes[start...], as: UTF8.self)
            throw SQLiteError(database, action: "cannot prepare", sql: rest)
        }
        position = end
        guard let handle else { return nil }
        return Statement(handle, sql: String(decoding: bytes[start..<end], as: UTF8.self), database: database)
    }

    private init(_ handle: OpaquePointer, sql: String, database: OpaquePointer) {
        self.handle = handle
        self.sql = sql
        self.database = database
        let tokens = SQLTokens(sql)
        keyword = tokens.first { !$0.isSymbol(";") }?.text.uppercased() ?? ""
        let isReadOnly = sqlite3_stmt_readonly(handle) != 0
        switch keyword {
        case "SELECT", "VALUES", "EXPLAIN":
            isQuery = isReadOnly
            countsChanges = false
        case "WITH":
            isQuery = isReadOnly
            countsChanges = !isReadOnly
        case "INSERT", "UPDATE", "DELETE", "REPLACE":
            isQuery = false
            countsChanges = !isReadOnly
        default:
            isQuery = false
            countsChanges = false
        }
    }

    deinit { sqlite3_finalize(handle) }
}

extension Statement {
    /// Whether running it again from its prepared form is the same as preparing it anew.
    ///
    /// Many pragmas take effect while they are prepared (<https://www.sqlite.org/pragma.html>), and
    /// definitions run once.
    var isReusable: Bool {
        switch keyword {
        case "SELECT", "VALUES", "WITH", "INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN", "COMMIT", "END",
            "ROLLBACK", "SAVEPOINT", "RELEASE":
            true
        default: false
        }
    }

    /// Runs it to its end, and leaves it ready for the next time.
    func run(_ parameters: [SQLValue] = []) throws(SQLiteError) -> ResultSet {
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        try bind(parameters)
        var rows: [[SQLValue]] = []
        while try step(parameters) {
            rows.append((0..<sqlite3_column_count(handle)).map(value))
        }
        // Only now: a statement that was prepared again on its first step may have other columns than before.
        let columns = (0..<sqlite3_column_count(handle)).map { index in
            sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
        }
        let affectedRows = countsChanges ? Int(bellows_sqlite_changes(database)) : rows.count
        return ResultSet(columns: columns, rows: rows, affectedRows: affectedRows)
    }

    /// Whether there is a row (true) or the statement has finished.
    private func step(_ parameters: [SQLValue]) throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        default: throw SQLiteError(database, action: "cannot run", sql: sql, parameters: parameters)
        }
    }
}

// MARK: - Parameters

extension Statement {
    private func bind(_ parameters: [SQLValue]) throws(SQLiteError) {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        guard parameters.count == expected else {
            throw SQLiteError(
                action: "cannot run", code: .range,
                message: "the statement has \(expected) parameters and was given \(parameters.count) values",
                sql: sql)
        }
        for (index, parameter) in parameters.enumerated() {
            guard bind(parameter, at: Int32(index + 1)) == SQLITE_OK else {
                throw SQLiteError(database, action: "cannot run", sql: sql, parameters: parameters)
            }
            if case .real(let real) = parameter, real.isNaN {
                throw SQLiteError(
                    action: "cannot run", code: .mismatch,
                    message: "parameter \(index + 1) is not a number (NaN), which SQLite would store as NULL",
                    sql: sql)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .boolean(let boolean): sqlite3_bind_int64(handle, index, boolean ? 1 : 0)
        case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
        case .real(let real): sqlite3_bind_double(handle, index, real)
        case .text(let text): bind(text: text, at: index)
        case .blob(let bytes): bind(blob: bytes, at: index)
        }
    }

    /// By bytes and count: a NUL inside stays, and an empty text is not NULL.
    private func bind(text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { utf8 in
            guard !utf8.isEmpty, let base = utf8.baseAddress else {
                return sqlite3_bind_text(handle, index, "", 0, bellows_sqlite_transient())
            }
            return base.withMemoryRebound(to: CChar.self, capacity: utf8.count) { characters in
                sqlite3_bind_text64(
                    handle, index, characters, UInt64(utf8.count), bellows_sqlite_transient(),
                    UInt8(SQLITE_UTF8))
            }
        }
    }

    private func bind(blob bytes: [UInt8], at index: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            guard !buffer.isEmpty, let base = buffer.baseAddress else {
                return sqlite3_bind_zeroblob(handle, index, 0)
            }
            return sqlite3_bind_blob64(
                handle, index, base, UInt64(buffer.count), bellows_sqlite_transient())
        }
    }
}

// MARK: - Values

extension Statement {
    /// A value of the current row.
    private func value(_ index: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            .text(String(decoding: bytes(sqlite3_column_text(handle, index), index), as: UTF8.self))
        case SQLITE_BLOB: .blob([UInt8](bytes(sqlite3_column_blob(handle, index), index)))
        default: .null
        }
    }

    /// The bytes of the value whose content SQLite put at `content`: a zero-length blob has none.
    private func bytes(_ content: UnsafeRawPointer?, _ index: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: content, count: content == nil ? 0 : Int(sqlite3_column_bytes(handle, index)))
    }

    private func bytes(_ content: UnsafePointer<UInt8>?, _ index: Int32) -> UnsafeRawBufferPointer {
        bytes(content.map { UnsafeRawPointer($0) }, index)
    }
}
