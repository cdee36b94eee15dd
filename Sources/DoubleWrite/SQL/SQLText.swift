/// A piece of SQL, an expression or a type, the same for every database or one for each.
///
///     up: "split_part(name, ' ', 1)"
///     up: SQLText(postgres: "split_part(name, ' ', 1)", sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)")
public struct SQLText: Sendable, Hashable {
    /// The text for PostgreSQL.
    public let postgres: String

    /// The text for SQLite.
    public let sqlite: String

    /// The same text for every database.
    public init(_ text: String) { self.init(postgres: text, sqlite: text) }

    /// A text for each database.
    public init(postgres: String, sqlite: String) {
        self.postgres = postgres
        self.sqlite = sqlite
    }

    /// The text for one database.
    public subscript(dialect: Dialect) -> String {
        switch dialect {
        case .postgres: postgres
        case .sqlite: sqlite
        }
    }
}

extension SQLText: ExpressibleByStringLiteral {
    /// The same text for every database.
    public init(stringLiteral value: String) { self.init(value) }
}
