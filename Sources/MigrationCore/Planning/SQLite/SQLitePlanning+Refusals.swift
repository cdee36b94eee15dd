import DoubleWrite

/// What keeps a column of a SQLite table from being copied or dropped with `ALTER TABLE` alone
/// (<https://www.sqlite.org/lang_altertable.html>).
extension SQLitePlanning {
    func refuseCopy(_ change: ShapeChange, into draft: inout OperationDraft) {
        let table = change.table
        let path = draft.columnPath
        let advice = draft.otherWay
        guard table.kind == .ordinary else {
            draft.refuse("table", "'\(table.name)' is \(table.kind.words), which takes no new column")
            return
        }
        if table.sqliteKey == nil {
            draft.refuse(
                "table",
                "'\(table.name)' has no primary key, and columns of its own hide the rows' addresses (rowid, _rowid_, oid); "
                    + advice)
        }
        for column in change.olds.map(\.column) {
            let name = column.name
            if table.primaryKey.contains(name) {
                draft.refuse(
                    path,
                    "'\(name)' is in the primary key of '\(table.name)', which cannot stand twice; \(advice)")
            }
            if column.generated != nil {
                draft.refuse(path, "'\(name)' is a generated column, which nobody can write; \(advice)")
            }
            if change.takesNoText, !column.isNullable, column.hasNoDefault {
                draft.refuse(
                    path,
                    "'\(name)' is NOT NULL without a default, and SQLite adds no such column to a table that has rows; take "
                        + "NOT NULL from it first (drop_not_null, in a migration of its own) and give it to the new column "
                        + "afterwards (set_not_null), or \(advice)")
            }
            if change.takesNoText {
                refuseConstraints(
                    on: name, in: table, advice: "take it from the old one; \(advice)", into: &draft)
            } else {
                refuseUnique(on: name, in: table, into: &draft)
                refuseChecks(on: name, change, into: &draft)
            }
            refuseIndexes(on: name, change, into: &draft)
            context.refuseReferences(to: name, of: table, path: path, advice: advice, into: &draft)
            refuseDependents(of: name, in: table, advice: advice, into: &draft)
        }
        for new in change.news { refuseAddition(of: new, change, into: &draft) }
    }

    /// Refuses what `ADD COLUMN` cannot say of a new column.
    private func refuseAddition(
        of new: ShapeChange.New, _ change: ShapeChange, into draft: inout OperationDraft
    ) {
        let column = new.column
        let path = change.news.count > 1 ? "to.\(column.name)" : draft.columnPath
        if let text = column.defaultValue, !SQLiteLiteral.isConstant(text) {
            draft.refuse(
                path,
                "the default of '\(column.name)' is not a constant, and SQLite adds no column with such a default to a "
                    + "table that has rows; \(draft.otherWay)")
        }
        let isOldNotNull = change.olds.contains { !$0.column.isNullable && $0.column.hasNoDefault }
        if change.takesNoText, !column.isNullable, column.hasNoDefault, !isOldNotNull {
            draft.refuse(
                path,
                "'\(column.name)' is to be NOT NULL and has no default: SQLite adds no such column to a table that has rows; "
                    + "give it a constant default, or let it be nullable here and use set_not_null afterwards"
            )
        }
        if new.references != nil, !column.hasNoDefault {
            draft.refuse(
                path,
                "'\(column.name)' points at another table and has a default: SQLite adds no such column; leave the default "
                    + "out")
        }
        if change.takesNoText, new.check != nil, new.isShadow {
            draft.refuse(
                "check",
                "the CHECK speaks of '\(column.name)', which bears a hidden name until the change is finished, and SQLite "
                    + "cannot add it then; use add_check in a later migration")
        }
        if column.comment != nil {
            draft.warnings.append(
                "SQLite keeps no comments: that of '\(column.name)' stands only in the migration's file.")
        }
    }

    private func refuseIndexes(on name: String, _ change: ShapeChange, into draft: inout OperationDraft) {
        for index in change.table.indexes where index.columns.contains(name) {
            if change.inherits == .grants {
                guard index.isUnique else {
                    draft.warnings.append(
                        "The index '\(index.name)' is on \(change.words.old) and goes with it at the drop. Create what "
                            + "\(change.words.new) needs (create_index) before the transition.")
                    continue
                }
                draft.refuse(
                    draft.columnPath,
                    "the unique index '\(index.name)' is on '\(name)', and what it would be on \(change.words.new) cannot be "
                        + "told from it; drop it first (drop_index), and declare what the new columns need with them"
                )
            } else if !index.isSimple {
                let place = draft.renamedTo.map { "'\($0)'" } ?? "the new column"
                draft.refuse(
                    draft.columnPath,
                    "the index '\(index.name)' has a condition or an expression and uses '\(name)'; drop it first and create "
                        + "it on \(place) afterwards, or \(draft.otherWay)")
            }
        }
    }

    /// A UNIQUE in the table's text has an index of its own, which goes only with a rebuild of the table.
    private func refuseUnique(on name: String, in table: Table, into draft: inout OperationDraft) {
        let definition = try? table.sqliteDefinition()
        for (clause, column) in definition?.clauses ?? [] {
            guard case .unique(let key) = clause.content else { continue }
            let columns = column.map { [$0] } ?? key.parts.map(\.column)
            guard columns.contains(where: { dialect.sameName($0, name) }) else { continue }
            let drop = clause.name.map {
                "drop it first (drop_constraint, name: \($0), in a migration of its own, which rebuilds the table beside its "
                    + "writers) and add it to the new column afterwards (add_unique)"
            }
            let isRename = draft.keyword == "rename_column"
            draft.refuse(
                draft.columnPath,
                "the table has UNIQUE over \(Self.list(columns)) (a constraint, not an index), which SQLite cannot take from the "
                    + "old column alone; \([isRename ? nil : drop, draft.otherWay].compactMap(\.self).joined(separator: ", or "))"
            )
        }
    }

    /// A CHECK is text, which is not edited: it can hold of another column only where that gets the old one's name.
    private func refuseChecks(on name: String, _ change: ShapeChange, into draft: inout OperationDraft) {
        guard change.inherits == .everything, !change.keepsName else { return }
        let definition = try? change.table.sqliteDefinition()
        for (clause, column) in definition?.clauses ?? [] {
            guard case .check(let condition) = clause.content,
                column.map({ dialect.sameName($0, name) }) ?? false || condition.mentions(name)
            else { continue }
            let which = clause.name.map { " '\($0)'" } ?? ""
            let inPlace =
                "rename the column in place first (rename_column, strategy: in_place), which says it of the new name"
            draft.refuse(
                draft.columnPath,
                "the table's CHECK\(which) (\(condition)) mentions '\(name)', and cannot be said of another name; "
                    + (change.isRename
                        ? draft.otherWay : "\(inPlace), and change it under that name afterwards"))
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
                .partitionKey, .replicaIdentity, .boundFunction, .partitionObject:
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

extension Column {
    /// Whether a row without a value gets NULL.
    var hasNoDefault: Bool { defaultValue.map(SQLiteLiteral.isNull) ?? true }
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

extension ShapeChange {
    /// Whether what the table's stored text says of the old columns stays with them. Triggers would have to follow every edit
    /// of it, and what is said of a value is not said of the reference that takes its place.
    fileprivate var takesNoText: Bool { sync == .trigger || lookup != nil }
}
