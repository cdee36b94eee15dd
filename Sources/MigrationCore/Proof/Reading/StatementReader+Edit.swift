import DoubleWrite

/// The edits of a stored text (SQLite), as what statements would say.
extension StatementReader {
    func read(_ edit: DefinitionEdit) -> [Effect] {
        edit.edits.flatMap { effects($0, of: dialect.normalized(edit.table)) }
    }

    /// What the exchange of a table for its shadow changes of the text: the clauses that only one of the two has.
    ///
    /// - Returns: `nil` where the text that the table gets is not understood.
    func read(_ swap: TableSwap) -> [Effect]? {
        guard let after = try? SQLiteDefinition(swap.text) else { return nil }
        let table = dialect.normalized(swap.rows.table)
        let (old, new) = (swap.before.clauses, after.clauses)
        func isSaid(_ entry: (clause: SQLiteDefinition.Clause, column: String?), in text: SQLiteDefinition)
            -> Bool
        {
            guard case .notNull = entry.clause.content, let column = entry.column else { return false }
            return text.isNeverNullByKey(column)
        }
        let gone = old.filter { entry in !new.contains { $0 == entry } && !isSaid(entry, in: after) }
        let come = new.filter { entry in !old.contains { $0 == entry } && !isSaid(entry, in: swap.before) }
        return gone.flatMap { effects(.remove($0.clause, column: $0.column), of: table) }
            + come.flatMap { effects(.add($0.clause, column: $0.column), of: table) }
    }

    private func effects(_ edit: TableEdit, of table: TableName) -> [Effect] {
        switch edit {
        case .add(let clause, let column): effects(clause, column, of: table, isAdded: true)
        case .remove(let clause, let column): effects(clause, column, of: table, isAdded: false)
        case .replace(let old, let new, let column) where old.content == new.content:
            // The same under another name.
            [
                .renameObject(
                    demand(old, column, of: table)?.name ?? "", to: demand(new, column, of: table)?.name ?? ""
                )
            ]
        case .replace(let old, let new, let column):
            effects(old, column, of: table, isAdded: false) + effects(new, column, of: table, isAdded: true)
        case .retype:
            // Of the same affinity: the values stay what they are.
            []
        }
    }

    private func effects(
        _ clause: SQLiteDefinition.Clause, _ column: String?, of table: TableName, isAdded: Bool
    ) -> [Effect] {
        if let demand = demand(clause, column, of: table) {
            return [isAdded ? .demand(demand) : .release(demand.name)]
        }
        guard let place = column.map({ Effect.Place(table: table, column: $0) }) else { return [] }
        switch clause.content {
        case .notNull: return [.setNotNull(place, isAdded)]
        case .defaultValue(let text): return [.setFallback(place, isAdded ? fallback(text) : .null)]
        case .primaryKey, .unique, .check, .foreignKey, .null, .collation, .generated: return []
        }
    }

    /// What a clause demands of a row, besides NOT NULL. Without a name of its own it is known by its text.
    ///
    /// - Parameter column: The column that it is said of; `nil` for the table.
    func demand(
        _ clause: SQLiteDefinition.Clause, _ column: String?, of table: TableName
    ) -> Effect.Demand? {
        let kind: Effect.Demand.Kind
        let columns: [String]
        switch clause.content {
        case .primaryKey(let key), .unique(let key): (kind, columns) = (.unique, key.parts.map(\.column))
        case .check(let condition):
            (kind, columns) = (.check, TokenCursor(condition, dialect).rest.names)
        case .foreignKey(let reference):
            (kind, columns) = (.foreignKey(writes: reference.writes), reference.columns)
        case .notNull, .null, .defaultValue, .collation, .generated: return nil
        }
        let place = [column.map { "'\($0)'" }, "'\(table)'"].compactMap(\.self).joined(separator: " of ")
        return Effect.Demand(
            name: clause.name ?? "\(clause.sql) of \(place)", table: table, kind: kind,
            columns: (columns + (column.map { [$0] } ?? [])).uniqued, readsRows: true)
    }
}
