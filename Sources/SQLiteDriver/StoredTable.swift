internal import MigrationCore

/// What the stored text of a `CREATE TABLE` says and no pragma tells: checks, names of constraints,
/// generating expressions, options.
///
/// SQLite keeps the text as the user wrote it (<https://www.sqlite.org/schematab.html>).
struct StoredTable {
    /// A `CHECK (...)`, of a column or of the table.
    struct Check: Hashable {
        var name: String?
        var text: String
        /// The names in it, folded.
        var names: Set<String>
    }

    /// A `REFERENCES` clause.
    struct Reference: Hashable {
        var name: String?
        var table: String
        var isDeferred: Bool
    }

    /// What a UNIQUE says beyond its columns.
    struct Conflict: Hashable {
        /// Folded.
        var columns: [String]
        /// `ON CONFLICT REPLACE`.
        var clause: String
    }

    private(set) var isVirtual = false
    private(set) var isWithoutRowID = false
    private(set) var isStrict = false
    private(set) var checks: [Check] = []
    /// In the order of the text.
    private(set) var references: [Reference] = []
    private(set) var conflicts: [Conflict] = []
    /// The generating expressions by the folded names of their columns.
    private(set) var generated: [String: SQLFragment] = [:]

    init(_ sql: String) {
        let tokens = Array(SQLTokens(sql))
        isVirtual = tokens.dropFirst().first?.isKeyword("VIRTUAL") ?? false
        guard !isVirtual, let open = tokens.firstIndex(where: { $0.isSymbol("(") }),
            let close = tokens.closing(open)
        else { return }
        let options = tokens[(close + 1)...]
        isWithoutRowID = options.contains { $0.isKeyword("WITHOUT") }
        isStrict = options.contains { $0.isKeyword("STRICT") }
        for item in tokens[(open + 1)..<close].separated() {
            read(StoredItem(tokens: item, source: Array(sql.utf8)))
        }
    }

    private mutating func read(_ item: StoredItem) {
        for (position, index) in item.outer.enumerated() where position > 0 || item.column == nil {
            let token = item.tokens[index]
            if token.isKeyword("CHECK"), let group = item.group(after: index) {
                checks.append(
                    Check(
                        name: item.constraintName(before: index),
                        text: item.text(index...group.upperBound), names: item.tokens[group].foldedNames))
            } else if token.isKeyword("REFERENCES"), let reference = item.reference(at: index) {
                references.append(reference)
            } else if token.isKeyword("UNIQUE"), let conflict = item.conflict(at: index) {
                conflicts.append(conflict)
            } else if token.isKeyword("AS"), let column = item.column, let group = item.group(after: index) {
                let inner = group.lowerBound + 1..<group.upperBound
                generated[column.asciiFolded] = SQLFragment(
                    text: inner.isEmpty ? "" : item.text(inner.lowerBound...inner.upperBound - 1),
                    names: item.tokens[inner].foldedNames)
            }
        }
    }
}

/// A piece of SQL, and the names in it, folded.
struct SQLFragment: Hashable {
    var text: String
    var names: Set<String>
}

/// A column or a constraint of the table, as it stands between two commas.
private struct StoredItem {
    let tokens: [SQLToken]
    let source: [UInt8]
    /// The indices of the tokens that are not inside of parentheses.
    let outer: [Int]
    /// The column it defines; `nil` for constraints of the table.
    let column: String?

    init(tokens: ArraySlice<SQLToken>, source: [UInt8]) {
        self.tokens = Array(tokens)
        self.source = source
        var depth = 0
        var outer: [Int] = []
        for (index, token) in self.tokens.enumerated() {
            if token.isSymbol(")") { depth -= 1 }
            if depth == 0 { outer.append(index) }
            if token.isSymbol("(") { depth += 1 }
        }
        self.outer = outer
        let isConstraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains { keyword in
            tokens.first?.isKeyword(keyword) ?? false
        }
        column = isConstraint ? nil : tokens.first?.unquoted
    }

    /// The text from one token to another.
    func text(_ range: ClosedRange<Int>) -> String {
        let bytes = source[
            tokens[range.lowerBound].range.lowerBound..<tokens[range.upperBound].range.upperBound]
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The parentheses that open right behind a token.
    func group(after index: Int) -> ClosedRange<Int>? {
        let open = index + 1
        guard tokens.indices.contains(open), tokens[open].isSymbol("("), let close = tokens.closing(open)
        else {
            return nil
        }
        return open...close
    }

    /// The name that `CONSTRAINT name` gives to what begins at a token.
    func constraintName(before index: Int) -> String? {
        guard index >= 2, tokens[index - 2].isKeyword("CONSTRAINT") else { return nil }
        return tokens[index - 1].unquoted
    }

    func reference(at index: Int) -> StoredTable.Reference? {
        guard tokens.indices.contains(index + 1) else { return nil }
        let start = outer.last { $0 < index && tokens[$0].isKeyword("FOREIGN") }
        let isOwn = column == nil
        let clause = tokens[(index + 2)...].prefix { !$0.isKeyword("REFERENCES") }
        let deferrable = clause.firstIndex { $0.isKeyword("DEFERRABLE") }
        let isDeferred =
            deferrable.map { position in
                !tokens[position - 1].isKeyword("NOT")
                    && tokens[position...].dropFirst().prefix(2).elementsEqual(
                        ["INITIALLY", "DEFERRED"], by: { $0.isKeyword($1) })
            } ?? false
        return StoredTable.Reference(
            name: constraintName(before: isOwn ? start ?? index : index), table: tokens[index + 1].unquoted,
            isDeferred: isDeferred)
    }

    func conflict(at index: Int) -> StoredTable.Conflict? {
        let group = column == nil ? group(after: index) : nil
        let rest = tokens[((group?.upperBound ?? index) + 1)...].prefix(3)
        guard rest.prefix(2).elementsEqual(["ON", "CONFLICT"], by: { $0.isKeyword($1) }),
            rest.count == 3, let action = rest.last
        else { return nil }
        let names =
            group.map { group in
                tokens[(group.lowerBound + 1)..<group.upperBound].separated().compactMap(\.first?.unquoted)
            } ?? [column].compactMap { $0 }
        return StoredTable.Conflict(
            columns: names.map(\.asciiFolded), clause: "ON CONFLICT \(action.text.uppercased())")
    }
}
