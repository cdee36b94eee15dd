import DoubleWrite

/// The statements of a text that may hold several, as far as its semicolons tell: also each one in the body of a
/// trigger or of a function, but for the `END` that closes the body.
///
/// Whatever stands in a comment, a string, a quoted name or a dollar-quoted body begins no statement.
enum SQLStatements {
    static func split(_ text: String, _ dialect: Dialect) -> [[SQLToken]] {
        var statements: [[SQLToken]] = []
        var body = Body(dialect: dialect)
        for piece in tokens(text, dialect).split(whereSeparator: { $0.isSymbol(";") }) {
            if body.isClosed(by: piece) { continue }
            body.follow(piece)
            statements.append(Array(piece))
        }
        return statements
    }

    private static func tokens(_ text: String, _ dialect: Dialect) -> [SQLToken] {
        switch dialect {
        case .postgres: Array(PostgresTokens(text))
        case .sqlite: Array(SQLTokens(text))
        }
    }

    /// Whether a body of several statements is open: `CREATE TRIGGER ... BEGIN` in SQLite, `BEGIN ATOMIC` in a
    /// PostgreSQL function.
    private struct Body {
        let dialect: Dialect
        var isOpen = false

        mutating func isClosed(by piece: ArraySlice<SQLToken>) -> Bool {
            guard isOpen, piece.count == 1, piece.first?.isKeyword("END") == true else { return false }
            isOpen = false
            return true
        }

        mutating func follow(_ piece: ArraySlice<SQLToken>) {
            guard !isOpen, piece.first?.isKeyword("CREATE") == true else { return }
            let pairs = zip(piece, piece.dropFirst())
            switch dialect {
            case .postgres:
                let hasBody = pairs.contains { $0.isKeyword("BEGIN") && $1.isKeyword("ATOMIC") }
                let isEmpty = piece.suffix(2).first?.isKeyword("ATOMIC") == true
                isOpen = hasBody && !isEmpty
            case .sqlite:
                isOpen =
                    piece.prefix(3).contains { $0.isKeyword("TRIGGER") }
                    && piece.contains { $0.isKeyword("BEGIN") }
            }
        }
    }
}
