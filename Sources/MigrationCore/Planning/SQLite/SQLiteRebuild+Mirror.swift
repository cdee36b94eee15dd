import DoubleWrite

/// The triggers that keep the shadow like the table.
///
/// What they do follows from the table's state and not from the event: the row with a key is made what the table has under
/// that key now. So the order in which they and the user's own triggers fire does not matter.
///
/// - REPLACE deletes rows without firing a delete trigger (unless `recursive_triggers` is on): whatever the shadow still has
///   under a unique key of the new row, and the table has not, goes.
/// - REPLACE also deletes the row that has the new one's address (rowid), where that is not the key. Which row that was can be seen
///   only before it happens: then its key is noted, and looked at afterwards.
/// - The outer statement's `OR IGNORE` or `OR REPLACE` overrides that of a trigger's statements
///   (<https://www.sqlite.org/lang_createtrigger.html>): none of them can conflict.
extension SQLiteRebuild {
    func mirror(_ event: Event, isTemporary: Bool = false) -> String {
        let head =
            "CREATE \(isTemporary ? "TEMPORARY TRIGGER" : "TRIGGER") \(dialect.quote(trigger(event))) AFTER \(event.rawValue.uppercased()) "
            + "ON \(rows.quotedTable) FOR EACH ROW BEGIN"
        let body =
            switch event {
            case .insert: noteAndDelete("NEW") + purge + [refill("NEW")]
            case .update:
                noteAndDelete("OLD") + noteAndDelete("NEW") + purge
                    + [refill("NEW"), refill("OLD") + " AND NOT (\(matches(rows.quotedTable, "NEW")))"]
            case .delete: noteAndDelete("OLD") + [refill("OLD")]
            }
        return ([head] + body.map { "    \($0);" } + ["END"]).joined(separator: "\n")
    }

    /// What notes the row that has the address which another one is about to get.
    func earlyMirrors(isTemporary: Bool) -> [String] {
        guard let address = address.map({ dialect.quote($0) }), let replaced = rows.quotedReplaced else {
            return []
        }
        let moves = ["insert": "", "update": " AND NEW.\(address) IS NOT OLD.\(address)"]
        return [Event.insert, .update].map { event in
            """
            CREATE \(isTemporary ? "TEMPORARY TRIGGER" : "TRIGGER") \(dialect.quote(early(event))) \
            BEFORE \(event.rawValue.uppercased()) ON \(rows.quotedTable) FOR EACH ROW BEGIN
                INSERT INTO \(replaced) (\(dialect.quote(key))) \
            SELECT \(rows.quotedKey.map { "a.\($0)" }.joined(separator: ", ")) FROM \(rows.quotedTable) AS a \
            WHERE a.\(address) = NEW.\(address)\(moves[event.rawValue] ?? "") \
            AND NOT EXISTS (SELECT 1 FROM \(replaced) AS k WHERE \(matches("k", "a")));
            END
            """
        }
    }

    /// Notes the key as written, and deletes the shadow's row under it.
    private func noteAndDelete(_ row: String) -> [String] {
        let values = rows.quotedKey.map { "\(row).\($0)" }.joined(separator: ", ")
        return [
            "INSERT INTO \(rows.quotedWritten) (\(dialect.quote(key))) SELECT \(values) "
                + "WHERE NOT EXISTS (SELECT 1 FROM \(rows.quotedWritten) AS k WHERE \(matches("k", row)))",
            "DELETE FROM \(rows.quotedShadow) WHERE \(matches(rows.quotedShadow, row))",
        ]
    }

    /// Copies the row that the table has under the key.
    private func refill(_ row: String) -> String {
        let list = dialect.quote(rows.columns)
        return "INSERT INTO \(rows.quotedShadow) (\(list)) SELECT \(list) FROM \(rows.quotedTable) "
            + "WHERE \(matches(rows.quotedTable, row))"
    }

    private func matches(_ table: String, _ row: String) -> String { rows.joined(table, row) }

    /// Deletes what the new row has replaced.
    private var purge: [String] {
        let byKey = uniqueKeys.map(condition)
        guard let replaced = rows.quotedReplaced else { return byKey.flatMap(purge) }
        let list = rows.quotedKey.joined(separator: ", ")
        let row = rows.quotedKey.map { "\(rows.quotedShadow).\($0)" }.joined(separator: ", ")
        return (byKey + ["(\(row)) IN (SELECT \(list) FROM \(replaced))"]).flatMap(purge)
            + ["DELETE FROM \(replaced)"]
    }

    /// Deletes the shadow's rows of which `condition` is true and that the table has no longer.
    private func purge(_ condition: String) -> [String] {
        let gone = """
            \(condition) AND NOT EXISTS (SELECT 1 FROM \(rows.quotedTable) AS a \
            WHERE \(matches("a", rows.quotedShadow)))
            """
        return [
            "INSERT INTO \(rows.quotedWritten) (\(dialect.quote(key))) SELECT "
                + rows.quotedKey.map { "\(rows.quotedShadow).\($0)" }.joined(separator: ", ")
                + " FROM \(rows.quotedShadow) WHERE \(gone) AND NOT EXISTS "
                + "(SELECT 1 FROM \(rows.quotedWritten) AS k WHERE \(matches("k", rows.quotedShadow)))",
            "DELETE FROM \(rows.quotedShadow) WHERE \(gone)",
        ]
    }

    /// SQL that is true of the shadow's rows that have the new row's values in a unique key.
    private func condition(_ unique: SQLiteUniqueKey) -> String {
        let row = before.columns.map { (name: $0.name, sql: "NEW.\(dialect.quote($0.name))") }
        let parts = unique.parts.map { part in
            let collation = part.collation.map { " COLLATE \(dialect.quote($0))" } ?? ""
            return switch part.content {
            case .column(let name):
                "\(rows.quotedShadow).\(dialect.quote(name))\(collation) = NEW.\(dialect.quote(name))"
            case .expression(let text):
                "\(text.parenthesized)\(collation) = \(ScopedExpression.sql(text, over: row, dialect))"
            }
        }
        return (parts + [unique.condition?.parenthesized].compactMap { $0 }).joined(separator: " AND ")
    }

    /// Everything by which a row of the table can replace another, but for the key itself.
    private var uniqueKeys: [SQLiteUniqueKey] {
        let own = before.clauses.compactMap { clause, column in
            clause.content.key.map { SQLiteUniqueKey($0, column: column) }
        }
        let indexes = (indexes + tableOnly).filter(\.isUnique).map {
            SQLiteUniqueKey($0.definition.sql(dialect))
        }
        let isKey = { (unique: SQLiteUniqueKey) in unique.plainColumns?.elementsEqual(key) ?? false }
        return (own + indexes).filter { !isKey($0) }
    }
}

/// The columns or expressions of something unique, and the condition under which it is.
struct SQLiteUniqueKey {
    enum Content: Equatable {
        case column(String)
        case expression(String)
    }

    struct Part {
        var content: Content
        var collation: String?
    }

    var parts: [Part] = []
    var condition: String?

    /// Of a PRIMARY KEY or UNIQUE.
    init(_ key: SQLiteKey, column: String?) {
        parts = key.parts.map { Part(content: .column($0.column), collation: $0.collation) }
        if let column { parts = [Part(content: .column(column))] }
    }

    /// Of an index: `(lower(name), kind DESC) WHERE kind > 0`.
    init(_ definition: String) {
        let source = Array(definition.utf8)
        func text(_ tokens: ArraySlice<SQLToken>) -> String {
            guard let first = tokens.first, let last = tokens.last else { return "" }
            return String(decoding: source[first.range.lowerBound..<last.range.upperBound], as: UTF8.self)
        }
        let tokens = Array(SQLTokens(definition))
        var depth = 0
        var start = 1
        for (index, token) in tokens.enumerated() {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            let isEnd = depth == 0 && token.isSymbol(")")
            guard isEnd || depth == 1 && token.isSymbol(",") else { continue }
            parts.append(Self.part(tokens[start..<index], text))
            start = index + 1
            if isEnd { break }
        }
        if start < tokens.count, tokens[start].isKeyword("WHERE") { condition = text(tokens[(start + 1)...]) }
    }

    private static func part(_ tokens: ArraySlice<SQLToken>, _ text: (ArraySlice<SQLToken>) -> String) -> Part
    {
        var tokens = tokens
        var collation: String?
        if let last = tokens.last, last.isKeyword("ASC") || last.isKeyword("DESC") {
            tokens = tokens.dropLast()
        }
        if tokens.count > 2, tokens[tokens.endIndex - 2].isKeyword("COLLATE") {
            collation = tokens.last?.unquoted
            tokens = tokens.dropLast(2)
        }
        let name = tokens.count == 1 ? tokens.first?.name : nil
        return Part(content: name.map { .column($0) } ?? .expression(text(tokens)), collation: collation)
    }

    /// Its columns, where it is nothing but columns by their own collations.
    var plainColumns: [String]? {
        guard condition == nil else { return nil }
        let columns = parts.compactMap { part -> String? in
            guard part.collation == nil, case .column(let name) = part.content else { return nil }
            return name
        }
        return columns.count == parts.count ? columns : nil
    }
}
