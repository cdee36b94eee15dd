internal import DoubleWrite
internal import MigrationCore

/// What the stored text of a view or a trigger mentions.
struct StoredProgram {
    let isView: Bool
    let name: String
    /// Every name in it, folded.
    let names: Set<String>
    private let tokens: [SQLToken]

    init(isView: Bool, name: String, sql: String) {
        self.isView = isView
        self.name = name
        tokens = Array(SQLTokens(sql))
        names = tokens.foldedNames
    }

    /// The columns of the table that it uses: none where it mentions none; `nil` where that cannot be told.
    func columns(of table: Table) -> Set<String>? {
        guard !usesUnnamedColumns(of: table.name.name.asciiFolded) else { return nil }
        return Set(table.columns.map(\.name).filter { names.contains($0.asciiFolded) })
    }

    /// Whether it uses columns without naming them: by `*`, `NATURAL`, an INSERT without a list of columns,
    /// or `IN table`.
    private func usesUnnamedColumns(of table: String) -> Bool {
        tokens.indices.contains { index in
            let token = tokens[index]
            if token.isSymbol("*") { return isStarOfColumns(index) }
            if token.isKeyword("NATURAL") { return true }
            if token.isKeyword("INTO") { return isInsertWithoutColumns(index, table) }
            if token.isKeyword("IN") { return tableName(behind: index)?.name == table }
            return false
        }
    }

    /// Whether a `*` stands for columns, and is neither `count(*)` nor a multiplication.
    private func isStarOfColumns(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        let before = tokens[index - 1]
        return before.isSymbol(",") || before.isSymbol(".")
            || ["SELECT", "DISTINCT", "ALL"].contains { before.isKeyword($0) }
    }

    private func isInsertWithoutColumns(_ index: Int, _ table: String) -> Bool {
        guard let (name, end) = tableName(behind: index), name == table else { return false }
        return end >= tokens.count || !tokens[end].isSymbol("(")
    }

    /// The table that is named behind a token, folded and without its schema, and the index behind it.
    private func tableName(behind index: Int) -> (name: String, end: Int)? {
        guard index + 1 < tokens.count, let first = tokens[index + 1].name else { return nil }
        guard index + 3 < tokens.count, tokens[index + 2].isSymbol("."), let second = tokens[index + 3].name
        else {
            return (first.asciiFolded, index + 2)
        }
        return (second.asciiFolded, index + 4)
    }
}
