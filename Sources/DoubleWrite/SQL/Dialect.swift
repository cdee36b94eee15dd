/// A database that Bellows speaks.
public enum Dialect: String, Sendable, Hashable, Codable, CaseIterable {
    case postgres
    case sqlite
}

extension Dialect {
    /// An identifier as this dialect's SQL: quoted, with every quote inside it doubled.
    ///
    /// This is the only place where a name becomes SQL. SQLite gets backticks, because a double-quoted name that
    /// does not exist is taken for a string under the setting that distributions ship
    /// (<https://www.sqlite.org/quirks.html#dblquote>); a backticked one is always an error.
    public func quote(_ identifier: String) -> String {
        switch self {
        case .postgres: identifier.enclosed(in: UInt8(ascii: "\""))
        case .sqlite: identifier.enclosed(in: UInt8(ascii: "`"))
        }
    }

    /// A comma-separated list of quoted identifiers.
    public func quote(_ identifiers: [String]) -> String {
        identifiers.map(quote).joined(separator: ", ")
    }

    /// A string constant: in single quotes, with every one inside it doubled.
    ///
    /// PostgreSQL reads backslashes literally here as long as `standard_conforming_strings` is on, which the
    /// drivers set on every connection.
    public func literal(_ text: String) -> String {
        text.enclosed(in: UInt8(ascii: "'"))
    }

    /// The `number`-th parameter (from 1) of a statement: `$1` or `?1`.
    public func parameter(_ number: Int) -> String {
        switch self {
        case .postgres: "$\(number)"
        case .sqlite: "?\(number)"
        }
    }

    /// The schema a table is in when none is named: `public` or `main`.
    public var defaultSchema: String {
        switch self {
        case .postgres: "public"
        case .sqlite: "main"
        }
    }
}

extension String {
    /// The text between two marks, with every mark inside it doubled.
    fileprivate func enclosed(in mark: UInt8) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 2)
        bytes.append(mark)
        for byte in utf8 {
            if byte == mark { bytes.append(mark) }
            bytes.append(byte)
        }
        bytes.append(mark)
        return String(decoding: bytes, as: UTF8.self)
    }
}
