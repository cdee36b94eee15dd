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
    /// Every name in it, folded; keywords that are not quoted are among them.
    var foldedNames: Set<String> {
        Set(compactMap { $0.name?.asciiFolded })
    }
}
