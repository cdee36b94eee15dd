internal import CSQLite
internal import DoubleWrite

/// What SQLite, or the driver before it, refused.
///
/// It never holds a bound value: ``sql`` is the statement with its parameters' places, and what SQLite quotes
/// of a value in its message is blotted out.
public struct SQLiteError: Error, Sendable, Hashable {
    /// What failed, with the name of what it failed on: `cannot open 'animals.db'`.
    public var action: String
    /// The extended result code.
    public var extendedCode: SQLiteResultCode
    /// SQLite's message, or the driver's.
    public var message: String
    /// The statement, where there was one.
    public var sql: String?
    /// The byte of the statement that the error is about, where SQLite tells (from 3.38).
    public var offset: Int?

    /// An error of these facts.
    public init(
        action: String, code: SQLiteResultCode, message: String, sql: String? = nil, offset: Int? = nil
    ) {
        self.action = action
        self.extendedCode = code
        self.message = message
        self.sql = sql
        self.offset = offset
    }
}

extension SQLiteError {
    /// The primary result code.
    public var code: SQLiteResultCode { extendedCode.primary }

    /// Whether another connection held the lock for longer than the busy timeout, or wrote since this
    /// transaction began to read.
    public var isBusy: Bool { code == .busy || code == .locked }

    /// Whether the transaction must begin again, however long it waits: another connection wrote since it
    /// began to read.
    public var isSnapshotStale: Bool { extendedCode == .busySnapshot }

    /// Whether the statement is not one that can be run now: a syntax error, or a missing table or column.
    public var isStatementRefused: Bool { code == .error }
}

extension SQLiteError: CustomStringConvertible {
    /// The facts in words: what failed, the code, why, and what to do about it where that is known.
    public var description: String {
        let subject = sql.map { "\(action) '\(Self.shortened($0))'" } ?? action
        let place = offset.map { " (at byte \($0))" } ?? ""
        let advice = remedy.map { "; \($0)" } ?? ""
        return "\(subject) [\(extendedCode.name)]; \(message)\(place)\(advice)"
    }

    /// What to do, for the errors that a user meets.
    private var remedy: String? {
        switch code {
        case .busy where isSnapshotStale: "begin the transaction again"
        case .busy, .locked: "try again when the other connection has finished, or raise the busy timeout"
        case .readOnly: "make the file and its directory writable, or connect to another database"
        case .full: "make room on the disk and try again"
        case .notADatabase: "name an SQLite database that is not encrypted"
        case .cannotOpen: "check the path, and that its directory exists and may be read"
        case .corrupt: "restore the file from a backup; `PRAGMA integrity_check` says what is damaged"
        default: nil
        }
    }

    /// A statement on one line, cut where it is long.
    private static func shortened(_ sql: String) -> String {
        let line = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 200 ? line.prefix(200) + "..." : line
    }
}

extension SQLiteError {
    /// The connection's last error.
    init(
        _ database: OpaquePointer, action: String, sql: String? = nil, parameters: [SQLValue] = []
    ) {
        let code = SQLiteResultCode(rawValue: sqlite3_extended_errcode(database))
        let offset = Int(bellows_sqlite_error_offset(database))
        let message = sqlite3_errmsg(database).map { String(cString: $0) } ?? "unknown error"
        self.init(
            action: action, code: code, message: Self.blotted(message, code: code, parameters: parameters),
            sql: sql, offset: sql == nil || offset < 0 ? nil : offset)
    }

    /// The message without what it may quote of bound values: SQL functions put their arguments into their
    /// errors (`JSON path error near 'secret'`), and `ATTACH ?1` its path.
    ///
    /// The names in messages about constraints are of columns, and stay.
    static func blotted(_ message: String, code: SQLiteResultCode, parameters: [SQLValue]) -> String {
        let texts = parameters.compactMap(\.text).filter { !$0.isEmpty }
        guard code.primary == .error || code.primary == .cannotOpen, !texts.isEmpty else { return message }
        var result = ""
        var closing: Character?
        for character in message {
            if let end = closing {
                if character == end { closing = nil } else { continue }
                result += "...\(character)"
            } else {
                result.append(character)
                closing = ["'": "'", "\"": "\"", "`": "`", "[": "]"][character]
            }
        }
        for text in texts where text.utf8.count > 3 {
            result = result.split(separator: text, omittingEmptySubsequences: false).joined(separator: "...")
        }
        return result
    }
}
