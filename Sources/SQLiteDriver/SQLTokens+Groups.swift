internal import MigrationCore

extension [SQLToken] {
    /// The index of the parenthesis that closes the one at `open`.
    func closing(_ open: Int) -> Int? {
        var depth = 0
        for index in open..<count {
            if self[index].isSymbol("(") { depth += 1 }
            if self[index].isSymbol(")") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}

extension ArraySlice<SQLToken> {
    /// The pieces between the commas that are not inside of parentheses.
    func separated() -> [ArraySlice<SQLToken>] {
        var pieces: [ArraySlice<SQLToken>] = []
        var depth = 0
        var start = startIndex
        for index in indices {
            if self[index].isSymbol("(") { depth += 1 }
            if self[index].isSymbol(")") { depth -= 1 }
            guard depth == 0, self[index].isSymbol(",") else { continue }
            pieces.append(self[start..<index])
            start = index + 1
        }
        pieces.append(self[start..<endIndex])
        return pieces.filter { !$0.isEmpty }
    }
}

extension Sequence<SQLToken> {
    /// Every name in it, folded. Keywords that may stand for a name without quotes are among them.
    var foldedNames: Set<String> {
        Set(compactMap { $0.isReserved ? nil : $0.name?.asciiFolded })
    }
}

extension SQLToken {
    /// Whether it is a keyword that is never a name unless it is quoted: those without a fallback in SQLite's
    /// grammar (<https://www.sqlite.org/src/file/src/parse.y>).
    var isReserved: Bool { kind == .word && Self.reserved.contains(text.asciiFolded) }

    private static let reserved: Set = [
        "add", "all", "alter", "and", "as", "autoincrement", "between", "case", "check", "collate", "commit",
        "constraint", "create", "default", "deferrable", "delete", "distinct", "drop", "else", "escape",
        "except",
        "exists", "foreign", "from", "group", "having", "in", "index", "insert", "intersect", "into", "is",
        "isnull",
        "join", "limit", "not", "nothing", "notnull", "null", "on", "or", "order", "primary", "references",
        "returning", "select", "set", "table", "then", "to", "transaction", "union", "unique", "update",
        "using",
        "values", "when", "where",
    ]
}
