import DoubleWrite

/// A CHECK of one column, asked about one constant.
///
/// It knows comparisons of the column with constants, IN, IS NULL, and what AND, OR and NOT make of them. Of anything else,
/// and of a column whose values are compared in a way of their own, it says nothing.
struct ConstantCondition {
    private let tokens: [SQLToken]
    private let column: Column
    private let dialect: Dialect
    private let isNumeric: Bool

    /// - Parameter text: `CHECK (...)`.
    init?(_ text: String, column: Column, _ dialect: Dialect) {
        var cursor = TokenCursor(text, dialect)
        if cursor.take("CONSTRAINT") { _ = cursor.name() }
        guard cursor.take("CHECK"), let tokens = cursor.parenthesized(), column.collation == nil else {
            return nil
        }
        let type = column.type.lowercased()
        let isNumeric = ["int", "numeric", "real", "double", "decimal"].contains(where: type.contains)
        // Blanks and case mean something in these alone.
        let isText = type == "text" || type.hasPrefix("character varying") || type.hasPrefix("varchar")
        guard isNumeric || isText else { return nil }
        self.tokens = tokens
        self.column = column
        self.dialect = dialect
        self.isNumeric = isNumeric
    }

    /// Whether a row with that value is surely refused.
    func refuses(_ value: String) -> Bool {
        guard !isNumeric || Double(value) != nil else { return false }
        return answer(tokens, value) == false
    }

    /// The constant that a default is, without its cast: `'dog'::text` is `dog`.
    static func constant(of text: String, _ dialect: Dialect) -> String? {
        var tokens = TokenCursor(text, dialect).rest
        while tokens.first?.isSymbol("(") == true, tokens.last?.isSymbol(")") == true {
            tokens = Array(tokens.dropFirst().dropLast())
        }
        return constant(tokens)
    }
}

extension ConstantCondition {
    /// What the condition gives for a value; `nil` where nobody knows.
    private func answer(_ tokens: [SQLToken], _ value: String) -> Bool? {
        let tokens = bare(tokens)
        guard !tokens.contains(where: { $0.isKeyword("BETWEEN") || $0.isKeyword("CASE") }) else { return nil }
        let alternatives = tokens.split(atTopLevel: { $0.isKeyword("OR") })
        if alternatives.count > 1 {
            let answers = alternatives.map { answer($0, value) }
            return answers.contains(true) ? true : answers.contains(nil) ? nil : false
        }
        let parts = tokens.split(atTopLevel: { $0.isKeyword("AND") })
        if parts.count > 1 {
            let answers = parts.map { answer($0, value) }
            return answers.contains(false) ? false : answers.contains(nil) ? nil : true
        }
        if tokens.first?.isKeyword("NOT") == true {
            return answer(Array(tokens.dropFirst()), value).map { !$0 }
        }
        return comparison(tokens, value)
    }

    private func comparison(_ tokens: [SQLToken], _ value: String) -> Bool? {
        guard let rest = behindColumn(tokens), let first = rest.first else { return nil }
        if first.isKeyword("IS") {
            if rest.count == 2, rest[1].isKeyword("NULL") { return false }
            return rest.count == 3 && rest[1].isKeyword("NOT") && rest[2].isKeyword("NULL") ? true : nil
        }
        if first.isKeyword("IN") { return isIn(Array(rest.dropFirst()), value) }
        if first.isKeyword("NOT"), rest.count > 1, rest[1].isKeyword("IN") {
            return isIn(Array(rest.dropFirst(2)), value).map { !$0 }
        }
        let sign = rest.prefix { $0.kind == .symbol && "<>=!".contains($0.text) }.map(\.text).joined()
        let operand = Array(rest.dropFirst(sign.utf8.count))
        if sign == "=", operand.first?.isKeyword("ANY") == true {
            let list = bare(Array(operand.dropFirst()))
            guard list.first?.isKeyword("ARRAY") == true, list.count > 2, list[1].isSymbol("["),
                list.last?.isSymbol("]") == true
            else { return nil }
            return isAmong(Array(list.dropFirst(2).dropLast()), value)
        }
        return Self.constant(bare(operand)).flatMap { compared(value, sign, $0) }
    }

    private func isIn(_ list: [SQLToken], _ value: String) -> Bool? {
        guard list.first?.isSymbol("(") == true, list.last?.isSymbol(")") == true else { return nil }
        return isAmong(Array(list.dropFirst().dropLast()), value)
    }

    private func isAmong(_ list: [SQLToken], _ value: String) -> Bool? {
        let constants = list.split(atTopLevel: { $0.isSymbol(",") }).map { Self.constant(bare($0)) }
        guard !constants.isEmpty, !constants.contains(nil) else { return nil }
        let answers = constants.map { $0.flatMap { compared(value, "=", $0) } }
        return answers.contains(true) ? true : answers.contains(nil) ? nil : false
    }

    private func compared(_ value: String, _ sign: String, _ constant: String) -> Bool? {
        switch sign {
        case "=": return isNumeric ? Double(value) == Double(constant) : value == constant
        case "<>", "!=": return compared(value, "=", constant).map { !$0 }
        case "<", "<=", ">", ">=":
            // The order of texts is the collation's.
            guard isNumeric, let left = Double(value), let right = Double(constant) else { return nil }
            let isStrict = sign.count == 1
            return sign.first == "<"
                ? (isStrict ? left < right : left <= right) : (isStrict ? left > right : left >= right)
        default: return nil
        }
    }

    /// What follows the column's name; `nil` where something else stands first.
    private func behindColumn(_ tokens: [SQLToken]) -> [SQLToken]? {
        var cursor = TokenCursor(tokens, dialect)
        if tokens.first?.isSymbol("(") == true {
            guard let inner = cursor.parenthesized(), isColumn(bare(inner)) else { return nil }
        } else {
            guard let first = tokens.first, isColumn([first]) else { return nil }
            _ = cursor.name()
        }
        return withoutCast(cursor.rest)
    }

    private func isColumn(_ tokens: [SQLToken]) -> Bool {
        guard tokens.count == 1, let name = tokens[0].name else { return false }
        return dialect == .sqlite ? name.asciiFolded == column.name.asciiFolded : name == column.name
    }

    /// Without the parentheses around all of it, and without a cast of all of it.
    private func bare(_ tokens: [SQLToken]) -> [SQLToken] {
        var cursor = TokenCursor(tokens, dialect)
        guard let inner = cursor.parenthesized(), withoutCast(cursor.rest).isEmpty else { return tokens }
        return bare(inner)
    }

    private func withoutCast(_ tokens: [SQLToken]) -> [SQLToken] { Self.withoutCast(tokens) }

    /// Without a cast to one of the types that leave a constant what it is.
    private static func withoutCast(_ tokens: [SQLToken]) -> [SQLToken] {
        guard tokens.count > 2, tokens[0].isSymbol(":"), tokens[1].isSymbol(":") else { return tokens }
        let types = ["text", "character", "varying", "integer", "bigint", "smallint", "numeric"]
        var rest = tokens[2...]
        let count = rest.count
        while let word = rest.first, word.kind == .word, types.contains(word.text.asciiFolded) {
            rest.removeFirst()
        }
        guard rest.count < count else { return tokens }
        if rest.first?.isSymbol("[") == true, rest.dropFirst().first?.isSymbol("]") == true {
            rest = rest.dropFirst(2)
        }
        return Array(rest)
    }

    private static func constant(_ tokens: [SQLToken]) -> String? {
        var tokens = tokens
        var sign = ""
        if tokens.first?.isSymbol("-") == true {
            sign = "-"
            tokens.removeFirst()
        }
        guard let first = tokens.first, withoutCast(Array(tokens.dropFirst())).isEmpty else { return nil }
        switch first.kind {
        case .number: return sign + first.text
        // Not `E'...'`, and no blob.
        case .string: return sign.isEmpty && first.text.hasPrefix("'") ? first.unquoted : nil
        case .word, .quotedName, .parameter, .symbol: return nil
        }
    }
}
