import DoubleWrite

/// Reads the tokens of a statement from the left.
struct TokenCursor {
    private let tokens: [SQLToken]
    private(set) var position = 0
    private let dialect: Dialect

    init(_ text: String, _ dialect: Dialect) {
        switch dialect {
        case .postgres: tokens = Array(PostgresTokens(text))
        case .sqlite: tokens = Array(SQLTokens(text))
        }
        self.dialect = dialect
    }

    init(_ tokens: [SQLToken], _ dialect: Dialect) {
        self.tokens = tokens
        self.dialect = dialect
    }

    var next: SQLToken? { position < tokens.count ? tokens[position] : nil }
    var isAtEnd: Bool { position >= tokens.count }
    var rest: [SQLToken] { Array(tokens[position...]) }

    mutating func skip() { position += 1 }

    /// Takes these keywords, one after the other, if they are all there.
    mutating func take(_ keywords: String...) -> Bool {
        guard position + keywords.count <= tokens.count else { return false }
        for (offset, keyword) in keywords.enumerated()
        where !tokens[position + offset].isKeyword(keyword) { return false }
        position += keywords.count
        return true
    }

    mutating func takeSymbol(_ symbol: String) -> Bool {
        guard next?.isSymbol(symbol) == true else { return false }
        position += 1
        return true
    }

    mutating func name() -> String? {
        guard let name = next?.name else { return nil }
        position += 1
        return name
    }

    /// A name with or without its schema.
    mutating func table() -> TableName? {
        guard let first = name() else { return nil }
        guard takeSymbol("."), let second = name() else { return TableName(first) }
        return dialect.normalized(TableName(schema: first, second))
    }

    /// What stands between the next parentheses.
    mutating func parenthesized() -> [SQLToken]? {
        guard takeSymbol("(") else { return nil }
        let start = position
        var depth = 1
        while let token = next {
            position += 1
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            if depth == 0 { return Array(tokens[start..<(position - 1)]) }
        }
        return nil
    }

    /// The rest, in the pieces between the commas that stand in no parentheses.
    func pieces() -> [[SQLToken]] { rest.split(atTopLevel: { $0.isSymbol(",") }) }
}

extension [SQLToken] {
    /// The pieces between the tokens that stand in no parentheses and are told by `isSeparator`.
    func split(atTopLevel isSeparator: (SQLToken) -> Bool) -> [[SQLToken]] {
        var pieces: [[SQLToken]] = [[]]
        var depth = 0
        for token in self {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            if depth == 0, isSeparator(token) {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(token)
            }
        }
        return pieces.filter { !$0.isEmpty }
    }

    /// Whether these keywords stand in it, one after the other, outside of parentheses.
    func hasKeywords(_ keywords: String...) -> Bool {
        var depth = 0
        for (index, token) in enumerated() {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            guard depth == 0, index + keywords.count <= count else { continue }
            if keywords.enumerated().allSatisfy({ self[index + $0.offset].isKeyword($0.element) }) {
                return true
            }
        }
        return false
    }

    /// The names in it, each once.
    var names: [String] { compactMap(\.name).uniqued }

    /// Where the keyword stands, outside of parentheses.
    func index(ofKeyword keyword: String) -> Int? {
        var depth = 0
        for (index, token) in enumerated() {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            if depth == 0, token.isKeyword(keyword) { return index }
        }
        return nil
    }
}
