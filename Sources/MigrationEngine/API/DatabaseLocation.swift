internal import Foundation

/// Where a database is: a PostgreSQL server's address, or a SQLite file.
///
/// ```swift
/// try DatabaseLocation("postgres://api@db.example.com/shelter")
/// try DatabaseLocation("sqlite:shelter.db")
/// ```
public enum DatabaseLocation: Sendable, Hashable {
    /// A connection URI or a `key=value` string, as libpq reads it.
    case postgres(String)
    /// A file's path.
    case sqlite(path: String)

    /// Reads a location: `postgres://...`, `postgresql://...`, libpq's `key=value` form, `sqlite:path`,
    /// `sqlite://path`, or the plain path of a file that ends in `.db`, `.sqlite` or `.sqlite3`.
    ///
    /// - Throws: ``LocationError`` where the text is none of them.
    public init(_ text: String) throws(LocationError) {
        let lowercase = text.lowercased()
        if lowercase.hasPrefix("postgres://") || lowercase.hasPrefix("postgresql://") {
            self = .postgres(text)
        } else if lowercase.hasPrefix("sqlite:") {
            var path = text.dropFirst("sqlite:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            guard !path.isEmpty else { throw LocationError(reason: .noPath) }
            self = .sqlite(path: String(path))
        } else if [".db", ".sqlite", ".sqlite3"].contains(where: lowercase.hasSuffix) {
            self = .sqlite(path: text)
        } else if !text.contains("://"), text.contains("=") {
            self = .postgres(text)
        } else {
            throw LocationError(reason: text.isEmpty ? .empty : .unknownForm)
        }
    }
}

extension DatabaseLocation: CustomStringConvertible {
    /// The location without a password, whatever it is given by.
    public var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let text):
            text.contains("://") ? Self.withoutPassword(uri: text) : Self.withoutPassword(pairs: text)
        }
    }

    /// The URI's scheme, user, hosts and database; the parameters behind `?` are left out.
    ///
    /// Where an `@` stands anywhere but before the hosts, a password may not be percent-encoded and go on for
    /// longer than it seems: then nothing is shown.
    private static func withoutPassword(uri: String) -> String {
        guard let schemeEnd = uri.range(of: "://") else { return "postgres:" }
        let scheme = String(uri[..<schemeEnd.upperBound])
        let rest = uri[schemeEnd.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let shown = rest.prefix { !"?#".contains($0) }
        guard rest.contains("@") else { return scheme + shown }
        guard let at = authority.firstIndex(of: "@"), rest.lastIndex(of: "@") == at else {
            return scheme + "***"
        }
        let user = authority[..<at].prefix { $0 != ":" }
        return scheme + user + shown[at...]
    }

    /// Only the pairs that say where and who: anything else might be secret.
    private static func withoutPassword(pairs: String) -> String {
        let shown = ["host", "hostaddr", "port", "dbname", "user", "service"]
        let kept = pairs.split(separator: " ").filter { pair in
            shown.contains { pair.hasPrefix($0 + "=") }
        }
        return kept.isEmpty ? "postgres" : kept.joined(separator: " ")
    }
}

/// A text that is not a database's location.
public struct LocationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Reason: Sendable, Hashable {
        case empty, noPath, unknownForm
    }

    /// What is wrong with it. The text itself is not kept: it may hold a password.
    public var reason: Reason

    /// What is wrong, and which forms there are.
    public var description: String {
        let problem =
            switch reason {
            case .empty: "no database is named"
            case .noPath: "'sqlite:' names no file"
            case .unknownForm: "the database's location has no form that is known"
            }
        return "\(problem); write postgres://user@host/database, sqlite:path, or the path of a .db file"
    }
}
