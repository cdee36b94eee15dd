internal import DoubleWrite

/// What the state tables' SQL says differently in each database, so that it is written once.
///
/// A text for both has `$1` for parameters, `{steps}` for a table of the state, `{now}` for the time by the
/// database's clock in milliseconds since 1970. Such texts are the engine's own: no name or value of a user
/// is ever put into one.
struct StateWords: Sendable {
    var dialect: Dialect
    /// The time by the database's clock, in milliseconds since 1970.
    var now: String
    /// The type of a key that the database counts up by itself.
    var countingKey: String

    /// The tables of the state.
    static let tables = [
        "meta", "migrations", "steps", "attestations", "stages", "lease", "tables", "events", "stray_writes",
    ]

    /// A table of the state, as SQL.
    func table(_ name: String) -> String {
        switch dialect {
        case .postgres: dialect.quote(TableName(schema: "bellows", name))
        case .sqlite: dialect.quote(TableName("bellows_" + name))
        }
    }

    /// A text for both as this database's SQL.
    func sql(_ text: String) -> String {
        var sql: [UInt8] = []
        sql.reserveCapacity(2 * text.utf8.count)
        var rest = text.utf8[...]
        func append(_ part: Substring.UTF8View) {
            for byte in part {
                sql.append(dialect == .sqlite && byte == UInt8(ascii: "$") ? UInt8(ascii: "?") : byte)
            }
        }
        while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
            append(rest[..<open])
            let behind = rest[rest.index(after: open)...]
            guard let close = behind.firstIndex(of: UInt8(ascii: "}")),
                let word = word(String(Substring(behind[..<close])))
            else {
                append(rest[open...open])
                rest = behind
                continue
            }
            sql.append(contentsOf: word.utf8)
            rest = behind[behind.index(after: close)...]
        }
        append(rest)
        return String(decoding: sql, as: UTF8.self)
    }

    /// What stands for a word in braces.
    private func word(_ name: String) -> String? {
        name == "now" ? now : Self.tables.contains(name) ? table(name) : nil
    }
}
