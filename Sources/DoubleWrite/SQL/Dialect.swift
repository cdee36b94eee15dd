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
        let mark: Character =
            switch self {
            case .postgres: "\""
            case .sqlite: "`"
            }
        var quoted = String(mark)
        for character in identifier.unicodeScalars {
            if Character(character) == mark { quoted.unicodeScalars.append(character) }
            quoted.unicodeScalars.append(character)
        }
        quoted.append(mark)
        return quoted
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
        var literal = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" { literal.append("'") }
            literal.unicodeScalars.append(scalar)
        }
        literal.append("'")
        return literal
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
