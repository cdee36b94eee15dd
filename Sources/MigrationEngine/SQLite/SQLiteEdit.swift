internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

extension SQLiteDatabase {
    /// Writes a table's stored text anew, inside a step's transaction. No row is written, but for those of
    /// ``holdOldDefault(_:_:_:)``.
    ///
    /// - Throws: ``EngineError/Reason/drift(_:)`` where the table does not say what is to be changed.
    func edit(_ edit: DefinitionEdit) throws {
        let name = edit.table.name
        guard let stored = try catalogue.sql(of: "table", name) else {
            throw EngineError(.drift([Drift(table: edit.table, missing: ["table '\(name)'"], extra: [])]))
        }
        let live = try definition(stored, of: name)
        guard let wanted = live.edited(edit.edits) else {
            throw EngineError(
                .drift([Drift(table: edit.table, missing: edit.edits.compactMap(\.needed), extra: [])]))
        }
        if let column = edit.defaultColumn { try holdOldDefault(column, edit, stored) }
        try catalogue.writing {
            try catalogue.replace("table", name, stored, by: text(edit.text, saying: wanted, named: name))
        }
        try check(name, says: wanted)
    }

    /// The text that is wanted, where it says just that; else one that does.
    private func text(_ text: String, saying wanted: SQLiteDefinition, named name: String) -> String {
        let saysIt = (try? SQLiteDefinition(text))?.saysSame(as: wanted) ?? false
        return saysIt ? text : wanted.sql(named: name)
    }

    /// Reads back what was written, and has SQLite compile a write of the table: that looks at every CHECK and key.
    func check(_ name: String, says wanted: SQLiteDefinition) throws {
        let stored = try catalogue.sql(of: "table", name) ?? ""
        guard try definition(stored, of: name).saysSame(as: wanted) else {
            throw DatabaseFailure(
                kind: .other, code: nil,
                message: "the definition of '\(name)' does not read back as it was written")
        }
        _ = try main.query("EXPLAIN INSERT INTO \(Dialect.sqlite.quote(name)) DEFAULT VALUES")
        _ = try main.query("EXPLAIN DELETE FROM \(Dialect.sqlite.quote(name))")
    }

    func definition(_ stored: String, of name: String) throws -> SQLiteDefinition {
        do {
            return try SQLiteDefinition(stored)
        } catch {
            throw DatabaseFailure(
                kind: .other, code: nil,
                message: "the stored definition of '\(name)' is not understood: \(error)")
        }
    }
}

extension TableEdit {
    /// The clause that must be there.
    fileprivate var needed: String? {
        switch self {
        case .add(_, let column): column.map { "column '\($0)'" }
        case .remove(let clause, let column), .replace(let clause, _, let column):
            (column.map { "column '\($0)' " } ?? "") + clause.sql
        case .retype(let old, _, let column): "column '\(column)' \(old)"
        }
    }
}

// MARK: - Rows from before the column

/// A row that was there before `ALTER TABLE ADD COLUMN` does not hold the column's value: reading it gives the default that the
/// stored text has *now*. Another default would change what such rows say.
extension SQLiteDatabase {
    /// How many such rows one transaction writes at most.
    private static var oldRowLimit: Int64 { 2000 }

    /// More rows that do not hold the column's value than one short transaction should write.
    struct ManyOldRows: Error {}

    /// Writes the rows that do not hold the column's value, with the value that they show.
    ///
    /// Which ones those are is seen by giving the column a default that no row can have: inside of the transaction, and only for
    /// as long as the question takes.
    ///
    /// - Throws: ``ManyOldRows`` where they are too many; ``rewrite(_:_:)`` goes first then.
    private func holdOldDefault(_ column: String, _ edit: DefinitionEdit, _ stored: String) throws {
        let name = edit.table.name
        let mark = "bellows \(UInt64.random(in: .min ... .max)) \(UInt64.random(in: .min ... .max))"
        guard
            let marked = try definition(stored, of: name).withDefault(
                Dialect.sqlite.literal(mark), of: column)
        else {
            return
        }
        let markedText = marked.sql(named: name)
        let keys = edit.key.map { Dialect.sqlite.quote($0) }
        let table = Dialect.sqlite.quote(name)
        let found =
            "FROM main.\(table) NOT INDEXED WHERE +\(Dialect.sqlite.quote(column)) = ?1 COLLATE BINARY"
        try catalogue.writing { try catalogue.replace("table", name, stored, by: markedText) }
        let count = try main.query("SELECT count(*) \(found)", [.text(mark)]).scalar?.integer ?? 0
        guard count <= Self.oldRowLimit else { throw ManyOldRows() }
        let rows =
            count == 0
            ? [] : try main.query("SELECT \(keys.joined(separator: ", ")) \(found)", [.text(mark)]).rows
        try catalogue.writing { try catalogue.replace("table", name, markedText, by: stored) }
        let quoted = Dialect.sqlite.quote(column)
        let condition = keys.enumerated().map { "\($1) IS ?\($0 + 1)" }.joined(separator: " AND ")
        for row in rows {
            _ = try main.query("UPDATE main.\(table) SET \(quoted) = \(quoted) WHERE \(condition)", row)
        }
    }

    /// A batch of rows written as they are, so that they hold every column's value.
    func rewrite(_ edit: DefinitionEdit, _ cursor: inout BackfillCursor) throws -> BatchResult {
        let quoted = Dialect.sqlite.quote(edit.defaultColumn ?? "")
        return try batch(
            Backfill(
                table: edit.table, assignments: "\(quoted) = \(quoted)", mismatch: "true", key: edit.key),
            &cursor)
    }
}

extension SQLiteDefinition {
    /// The definition with another default for a column; `nil` where there is no such column.
    fileprivate func withDefault(_ text: String, of column: String) -> SQLiteDefinition? {
        guard let place = columns.firstIndex(where: { $0.name.asciiFolded == column.asciiFolded }) else {
            return nil
        }
        var definition = self
        definition.columns[place].clauses.removeAll {
            if case .defaultValue = $0.content { true } else { false }
        }
        definition.columns[place].clauses.append(.init(.defaultValue(text)))
        return definition
    }
}
