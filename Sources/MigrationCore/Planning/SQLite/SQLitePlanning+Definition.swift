import DoubleWrite

/// A table's stored text, written anew (<https://www.sqlite.org/lang_altertable.html#otheralter>).
extension SQLitePlanning {
    /// The table's definition, or a noted problem.
    func definition(of table: Table, path: String = "table", into draft: inout OperationDraft)
        -> SQLiteDefinition?
    {
        guard table.kind == .ordinary else {
            draft.refuse(path, "'\(table.name)' is \(table.kind.words), whose definition cannot be changed")
            return nil
        }
        do throws(UnreadableDefinition) {
            return try table.sqliteDefinition()
        } catch {
            draft.refuse(
                path,
                "the stored definition of '\(table.name)' is not understood: \(error); change it by hand (sql: ...)"
            )
            return nil
        }
    }

    /// The step that makes these edits. Its undo is left to the caller.
    func edit(
        _ title: String, _ explanation: String, _ edits: [TableEdit], of table: Table,
        _ definition: SQLiteDefinition,
        verification: Verification? = nil, defaultOf column: String? = nil
    ) -> Step {
        precondition(definition.edited(edits) != nil, "an edit of what is not there: \(title)")
        let after = definition.edited(edits) ?? definition
        let work = DefinitionEdit(
            table: TableName(table.name.name), edits: edits, text: after.sql(named: table.name.name),
            verification: verification, defaultColumn: column, key: table.sqliteKey ?? [])
        return step(title, explanation, work)
    }

    /// The step that takes these edits back. The user's own text returns with it, where nothing else has changed.
    func editBack(
        _ title: String, _ explanation: String, _ edits: [TableEdit], of table: Table,
        _ definition: SQLiteDefinition,
        verification: Verification? = nil, defaultOf column: String? = nil
    ) -> Step {
        let work = DefinitionEdit(
            table: TableName(table.name.name), edits: edits.reversed().map(\.inverse),
            text: table.definition ?? definition.sql(named: table.name.name), verification: verification,
            defaultColumn: column, key: table.sqliteKey ?? [])
        return step(title, explanation, work)
    }

    func step(_ title: String, _ explanation: String, _ work: DefinitionEdit) -> Step {
        let reads = work.verification != nil || work.defaultColumn != nil
        let text =
            reads
            ? "The rows are read and the table's stored text is written in one transaction; no row is written. Writers wait as "
                + "long as the rows take to read, readers do not."
            : "Only the table's stored text is written, whatever the number of rows."
        return Step(
            title, [explanation, text].filter { !$0.isEmpty }.joined(separator: " "), .sqlite(.edit(work)),
            lock: .reserved(reads ? "while the rows are read" : Lock.moment), scans: reads)
    }

    /// Notes that the stored text cannot be followed so far.
    func refuseLostText(of table: Table, path: String, into draft: inout OperationDraft) {
        let lost = (["names of constraints"] + (table.lostText ?? [])).joined(separator: ", ")
        draft.refuse(
            path,
            "the stored definition of '\(table.name)' may say more (\(lost)) than can be followed past an operation that is still to "
                + "come before this one; put this one into a migration of its own, and apply what comes before it first"
        )
    }

    /// What is said once of every edit.
    func warnOfText(of table: Table, into draft: inout OperationDraft) {
        guard let text = table.definition, text.contains("--") || text.contains("/*") else { return }
        draft.warnings.append(
            "The definition of '\(table.name)' has comments. SQLite keeps it as text, and it is written anew without them; an undo "
                + "brings them back.")
    }
}

extension SQLitePlanning {
    func touch(_ columns: [String], of table: TableName, into draft: inout OperationDraft) {
        draft.touches += columns.map { TouchedColumn(table: dialect.normalized(table), column: $0) }
    }

    func touchAll(of table: TableName, into draft: inout OperationDraft) {
        draft.touches.append(TouchedColumn(table: dialect.normalized(table), column: nil))
    }
}

extension SQLiteDefinition {
    /// The columns by which each row can be found: unique, never NULL, compared by the columns' own collations.
    var rowKey: [String]? {
        let keys = clauses.compactMap { clause, column -> [String]? in
            guard let key = clause.content.key, key.parts.allSatisfy({ $0.collation == nil }) else {
                return nil
            }
            let names = column.map { [$0] } ?? key.parts.map(\.column)
            let isAlwaysThere = isNeverNull(clause, names)
            return isAlwaysThere && !names.contains { self.column($0)?.isGenerated ?? true } ? names : nil
        }
        let primary = clauses.firstIndex { if case .primaryKey = $0.clause.content { true } else { false } }
        return primary.flatMap { index in
            keys.first { clauses[index].clause.content.names(clauses[index].column) == $0 }
        }
            ?? keys.first
    }

    /// Whether the column is never NULL although nothing says so of it: it is in the key of a table WITHOUT ROWID, or the rows'
    /// address under another name.
    func isNeverNullByKey(_ column: String) -> Bool {
        clauses.contains { clause, place in
            let names = clause.content.names(place) ?? []
            return names.contains { Dialect.sqlite.sameName($0, column) } && isNeverNullByKey(clause, names)
        }
    }

    private func isNeverNull(_ clause: Clause, _ names: [String]) -> Bool {
        names.allSatisfy { self.column($0)?.isNotNull ?? false } || isNeverNullByKey(clause, names)
    }

    private func isNeverNullByKey(_ clause: Clause, _ names: [String]) -> Bool {
        guard case .primaryKey(let key) = clause.content else { return false }
        if isWithoutRowID { return true }
        return names.count == 1 && self.column(names[0])?.type.asciiFolded == "integer" && key.order != "DESC"
    }
}

extension SQLiteDefinition.Content {
    /// The columns of a key.
    func names(_ column: String?) -> [String]? {
        key.map { key in column.map { [$0] } ?? key.parts.map(\.column) }
    }
}
