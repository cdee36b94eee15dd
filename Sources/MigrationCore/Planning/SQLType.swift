import DoubleWrite

/// A column's type, read as far as to tell two spellings of one type from two types.
struct SQLType: Hashable {
    /// The type's name as PostgreSQL's catalogue spells it, in small letters.
    let name: String
    /// `10, 2` of `numeric(10,2)`; empty without.
    let modifiers: [Int]
    /// The text as PostgreSQL's catalogue would spell it, as far as that is known; otherwise as it was written.
    let text: String

    init(_ text: String, _ dialect: Dialect) {
        let trimmed = SQLLiteral.trimmed(text)
        guard dialect == .postgres, let parts = Self.parts(of: trimmed) else {
            name = trimmed.asciiFolded
            modifiers = []
            self.text = trimmed
            return
        }
        let name = Self.aliases[parts.name] ?? parts.name
        var modifiers = parts.modifiers
        // Without a length, char is one character and a numeric's scale is none.
        if ["character", "bit"].contains(name), modifiers.isEmpty { modifiers = [1] }
        if name == "numeric", modifiers.count == 1 { modifiers.append(0) }
        self.name = name
        self.modifiers = modifiers
        let list = modifiers.isEmpty ? "" : "(\(modifiers.map(String.init).joined(separator: ",")))"
        let isKnown = Self.aliases[parts.name] != nil || Self.names.contains(name)
        if !isKnown {
            self.text = trimmed
        } else if let zone = ["timestamp", "time"].first(where: { name.hasPrefix($0 + " ") }) {
            self.text = zone + list + name.dropFirst(zone.count)
        } else {
            self.text = name + list
        }
    }

    /// Whether its values have a collation, as far as the name tells.
    var isText: Bool { ["text", "character varying", "character", "citext"].contains(name) }

    /// Whether a value of this type can be stored in a column of the other as it is, and means the same there.
    func assigns(to other: SQLType) -> Bool {
        Self.families.contains { $0.contains(name) && $0.contains(other.name) }
    }

    private static let families: [Set<String>] = [
        ["smallint", "integer", "bigint", "numeric", "real", "double precision"],
        ["text", "character varying", "citext"],
    ]

    /// The words of the name without what stands in parentheses, and the numbers that do.
    private static func parts(of text: String) -> (name: String, modifiers: [Int])? {
        guard !text.contains("\"") else { return nil }
        let folded = text.asciiFolded
        guard let open = folded.firstIndex(of: "(") else { return (words(folded), []) }
        guard let close = folded[open...].firstIndex(of: ")") else { return nil }
        let inside = folded[folded.index(after: open)..<close].split(separator: ",")
        let numbers = inside.map { Int($0.filter { !$0.isWhitespace }) }
        let known = numbers.compactMap { $0 }
        guard known.count == numbers.count, !known.isEmpty else { return nil }
        return (words(folded[..<open] + " " + folded[folded.index(after: close)...]), known)
    }

    private static func words(_ text: some StringProtocol) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static let aliases: [String: String] = [
        "int": "integer", "int4": "integer", "int2": "smallint", "int8": "bigint",
        "varchar": "character varying",
        "char varying": "character varying", "char": "character", "bpchar": "character", "decimal": "numeric",
        "dec": "numeric",
        "bool": "boolean", "float8": "double precision", "float": "double precision", "float4": "real",
        "timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
        "timetz": "time with time zone", "time": "time without time zone", "varbit": "bit varying",
    ]

    private static let names: Set<String> = Set(aliases.values).union([
        "text", "uuid", "bytea", "date", "json", "jsonb", "interval", "cidr", "inet", "citext", "xml",
        "money",
    ])
}
