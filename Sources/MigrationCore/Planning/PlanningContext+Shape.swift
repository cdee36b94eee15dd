import DoubleWrite

/// What every change of shape is checked for, whatever the dialect, and what it is made of.
extension PlanningContext {
    /// The table and the old columns; `nil` where one is missing, which is noted.
    func shape(
        of name: TableName, _ id: ChangeID, named: String?, olds: [(name: String, path: String)],
        into draft: inout OperationDraft
    ) -> (table: Table, olds: [Column])? {
        touch(name, olds.map(\.name), into: &draft)
        checkChange(id, into: &draft)
        warnOfSchema(in: name, id, named: named, into: &draft)
        guard let table = table(name, into: &draft) else { return nil }
        var columns: [Column] = []
        for old in olds {
            guard let column = column(old.name, of: table, path: old.path, into: &draft) else { continue }
            checkRetiredName(of: old.name, in: table, path: old.path, into: &draft)
            columns.append(column)
        }
        return columns.count == olds.count ? (table, columns) : nil
    }

    /// Checks the name of a column that stands beside the old ones.
    func checkNew(_ name: String, in table: Table, path: String, into draft: inout OperationDraft) {
        checkColumnName(name, path: path, into: &draft)
        checkRowAddress(name, in: table, path: path, into: &draft)
        checkFree(name, in: table, path: path, into: &draft)
    }

    /// Checks that the hidden name of a column that keeps its own is free.
    func checkShadow(of name: String, in table: Table, path: String, into draft: inout OperationDraft) {
        let shadow = dialect.shadowName(of: name)
        guard table.columns.contains(where: { dialect.sameName($0.name, shadow) }) else { return }
        draft.refuse(
            path,
            "'\(table.name)' still has a column '\(shadow)', which another change of '\(name)' made; finish that one "
                + "first (apply --through contract), or drop the column")
    }

    /// The columns that a type may be declared for: not one that numbers or computes its own values.
    func checkPlain(_ column: Column, path: String, into draft: inout OperationDraft) {
        guard column.ownedSequence != nil || column.identity != nil || column.generated != nil else { return }
        draft.refuse(
            path,
            "the type of '\(column.name)' makes values of its own (serial, GENERATED), and beside the old column it could "
                + "not follow it; give the plain type, and a default where one is wanted")
    }

    /// One of the user's expressions for this dialect, or a noted problem.
    func expression(
        _ text: PerDialect, _ word: String, path: String, into draft: inout OperationDraft
    ) -> ShapeChange.Derivation? {
        let count = draft.problems.count
        checkText(text, what: "'\(word)'", path: path, into: &draft)
        guard draft.problems.count == count, let sql = text[dialect] else { return nil }
        if let reason = ExpressionText(sql, dialect).mistake {
            draft.refuse(path, "'\(word)' \(reason)")
            return nil
        }
        return .expression(sql)
    }

    /// Notes a problem where an old column has a default and the new ones declare none.
    func checkDefault(of olds: [Column], news: [Column], path: String, into draft: inout OperationDraft) {
        guard news.allSatisfy({ $0.defaultValue == nil }),
            let old = olds.first(where: { $0.defaultValue != nil })
        else { return }
        let names = news.map { "'\($0.name)'" }.joined(separator: ", ")
        draft.refuse(
            path,
            "'\(old.name)' has a default (\(old.defaultValue ?? "")), which is no longer there when it is gone, and what a "
                + "row without a value is to get in \(names) cannot be told from it; declare default: for the new column "
                + "(default: 'NULL' for none)")
    }

    /// Notes what a change of shape touches: the columns of both sides, and every column that shares an index or a
    /// constraint with an old one, for these are made anew or renamed with it.
    func touch(_ table: TableName, _ columns: [String], into draft: inout OperationDraft) {
        let shared = columns.map { schema[table]?.columnsBeside($0) ?? [] }.reduce(into: Set()) {
            $0.formUnion($1)
        }
        for column in columns + shared.subtracting(columns).sorted() {
            draft.touches.append(TouchedColumn(table: dialect.normalized(table), column: column))
        }
    }

    /// Notes that a new column is touched as well.
    func touch(_ table: TableName, new column: String, into draft: inout OperationDraft) {
        let touched = TouchedColumn(table: dialect.normalized(table), column: column)
        if !draft.touches.contains(touched) { draft.touches.append(touched) }
    }
}

/// What can be told of an expression from its text alone: whether it is one.
struct ExpressionText {
    private let tokens: [SQLToken]

    init(_ text: String, _ dialect: Dialect) {
        switch dialect {
        case .postgres: tokens = Array(PostgresTokens(text))
        case .sqlite: tokens = Array(SQLTokens(text))
        }
    }

    /// Why it cannot be put between parentheses; `nil` where it can. Everything else the database itself is asked.
    var mistake: String? {
        var depth = 0
        for token in tokens {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            if token.isSymbol(";") { return "is more than one expression: it has a semicolon" }
            if depth == 0, token.isSymbol(",") { return "is more than one expression: it has a comma" }
            if depth < 0 { return "closes a parenthesis that it does not open" }
            if token.kind == .parameter {
                return "has a parameter (\(token.text)), which nobody gives a value"
            }
        }
        if tokens.isEmpty { return "holds nothing but a comment" }
        return depth > 0 ? "opens a parenthesis that it does not close" : nil
    }

    /// Whether a text constant in it has a word that stands for a moment where it is read as a date or time.
    var namesTheClock: Bool {
        tokens.contains { token in
            token.kind == .string
                && token.unquoted.asciiFolded.split(whereSeparator: \.isWhitespace).contains {
                    ["now", "today", "tomorrow", "yesterday"].contains($0)
                }
        }
    }

    /// Whether it has one of these words as a text constant, or calls one of these functions.
    func mentions(texts: Set<String>, functions: Set<String>) -> String? {
        for token in tokens where token.kind == .string && texts.contains(token.unquoted.asciiFolded) {
            return token.text
        }
        for (token, next) in zip(
            tokens, tokens.dropFirst() + [SQLToken(kind: .symbol, text: "", range: 0..<0)])
        where functions.contains(token.text.asciiFolded) && token.kind == .word && next.isSymbol("(") {
            return token.text
        }
        return nil
    }
}
