import DoubleWrite

/// What keeps a column of a SQLite table from being copied or dropped with `ALTER TABLE` alone
/// (<https://www.sqlite.org/lang_altertable.html>).
extension SQLitePlanning {
    func refuseCopy(of column: Column, in table: Table, into draft: inout OperationDraft) {
        let name = column.name
        let inPlace = PlanningContext.inPlace
        guard table.kind == .ordinary else {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which takes no new column")
            return
        }
        if table.sqliteKey == nil {
            draft.refuse(
                "table",
                "'\(table.name)' has no primary key, and columns of its own hide the rows' addresses (rowid, _rowid_, oid); "
                    + inPlace)
        }
        if table.primaryKey.contains(name) {
            draft.refuse(
                "from",
                "'\(name)' is in the primary key of '\(table.name)', which cannot stand twice; \(inPlace)")
        }
        if column.generated != nil {
            draft.refuse("from", "'\(name)' is a generated column, which nobody can write; \(inPlace)")
        }
        refuseDefault(of: column, into: &draft)
        refuseConstraints(on: name, in: table, advice: "take it from the old one; \(inPlace)", into: &draft)
        for index in table.indexes where index.columns.contains(name) && !index.isSimple {
            draft.refuse(
                "from",
                "the index '\(index.name)' has a condition or an expression and uses '\(name)'; drop it first and create "
                    + "it on '\(draft.renamedTo ?? "the new column")' afterwards, or \(inPlace)")
        }
        context.refuseReferences(to: name, of: table, path: "from", advice: inPlace, into: &draft)
        refuseDependents(of: name, in: table, advice: inPlace, into: &draft)
    }

    private func refuseDefault(of column: Column, into draft: inout OperationDraft) {
        let constant = column.defaultValue.map(SQLiteLiteral.isConstant)
        if constant == false {
            draft.refuse(
                "from",
                "the default of '\(column.name)' is not a constant, and SQLite adds no column with such a default to a "
                    + "table that has rows; \(PlanningContext.inPlace)")
        }
        let isNull = column.defaultValue.map(SQLiteLiteral.isNull) ?? true
        if !column.isNullable, isNull {
            draft.refuse(
                "from",
                "'\(column.name)' is NOT NULL without a default: SQLite adds no such column to a table that has rows, and "
                    + "cannot take NOT NULL from the old one; \(PlanningContext.inPlace)")
        }
    }

    /// Refuses what SQLite keeps in the table's own text, which `ALTER TABLE` cannot change.
    func refuseConstraints(on name: String, in table: Table, advice: String, into draft: inout OperationDraft)
    {
        let path = draft.columnPath
        for unique in table.uniqueConstraints where unique.columns.contains(name) {
            let columns = unique.columns.map { "'\($0)'" }.joined(separator: ", ")
            draft.refuse(
                path,
                "the table has UNIQUE over \(columns) (a constraint, not an index), and SQLite cannot \(advice)"
            )
        }
        for check in table.checks where check.columns.contains(name) {
            let which = check.name.map { " '\($0)'" } ?? ""
            draft.refuse(path, "the table's CHECK\(which) mentions '\(name)', and SQLite cannot \(advice)")
        }
        for key in table.foreignKeys where key.columns.contains(name) {
            draft.refuse(
                path,
                "'\(name)' is a foreign key to '\(key.target.table)', and SQLite cannot \(advice)")
        }
    }

    func refuseDependents(of name: String, in table: Table, advice: String, into draft: inout OperationDraft)
    {
        for dependent in table.dependents where dependent.mayUse(name) {
            switch dependent.kind {
            case .foreignKey, .function:
                continue
            case .view, .materializedView, .generatedColumn, .trigger, .rule, .policy, .statistics,
                .exclusion,
                .partitionKey, .replicaIdentity:
                draft.refuse(
                    draft.columnPath,
                    "the \(dependent.kind.rawValue) '\(dependent.name)' mentions '\(name)'; drop it first and make it "
                        + "again afterwards, or \(advice)")
            }
        }
        for other in table.columns where other.name != name && (other.generated?.mentions(name) ?? false) {
            draft.refuse(
                draft.columnPath,
                "the generated column '\(other.name)' mentions '\(name)'; \(advice)")
        }
    }
}

/// What SQLite takes for a constant in `ADD COLUMN ... DEFAULT`.
enum SQLiteLiteral {
    /// Whether the text is one literal: a signed number, a text, a blob, NULL, TRUE or FALSE.
    static func isConstant(_ text: String) -> Bool {
        let text = trimmed(text)
        return SQLLiteral.isNumber(text) || SQLLiteral.isText(text)
            || (text.first.map { "xX".contains($0) } ?? false) && SQLLiteral.isText(String(text.dropFirst()))
            || ["null", "true", "false"].contains(text.lowercased())
    }

    /// Whether the text is NULL.
    static func isNull(_ text: String) -> Bool { trimmed(text).lowercased() == "null" }

    private static func trimmed(_ text: String) -> String { SQLLiteral.trimmed(text) }
}

/// The literals that both dialects write alike.
enum SQLLiteral {
    static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// `12`, `-1.5`, `+2e10`.
    static func isNumber(_ text: String) -> Bool {
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard let first = unsigned.first, first.isASCII, first.isNumber || first == "." else { return false }
        return Double(unsigned) != nil && unsigned.allSatisfy { $0.isNumber || "eE+-.".contains($0) }
    }

    /// `'it''s'`: one text, from its first quote to its last character.
    static func isText(_ text: String) -> Bool {
        guard text.count >= 2, text.first == "'", text.last == "'" else { return false }
        let inside = text.dropFirst().dropLast()
        return !inside.replacing("''", with: "").contains("'")
    }
}
