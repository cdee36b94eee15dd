import DoubleWrite

/// The edits of a stored text (SQLite), as what statements would say.
extension StatementReader {
    func read(_ edit: DefinitionEdit) -> [Effect] {
        let table = dialect.normalized(edit.table)
        return edit.edits.flatMap { edit -> [Effect] in
            switch edit {
            case .add(let clause, let column): effects(clause, column, of: table, isAdded: true)
            case .remove(let clause, let column): effects(clause, column, of: table, isAdded: false)
            case .replace(let old, let new, _) where old.content == new.content:
                // The same under another name.
                [.renameObject(old.name ?? "", to: new.name ?? "")]
            case .retype:
                // Of the same affinity: the values stay what they are.
                []
            case .replace(let old, let new, let column):
                effects(old, column, of: table, isAdded: false)
                    + effects(new, column, of: table, isAdded: true)
            }
        }
    }

    private func effects(
        _ clause: SQLiteDefinition.Clause, _ column: String?, of table: TableName, isAdded: Bool
    ) -> [Effect] {
        let place = column.map { Effect.Place(table: table, column: $0) }
        func demand(_ kind: Effect.Demand.Kind) -> [Effect] {
            let name = clause.name ?? "\(table) \(column ?? "") \(clause.content)"
            let demand = Effect.Demand(
                name: name, table: table, kind: kind, columns: column.map { [$0] } ?? [], readsRows: false)
            return [isAdded ? .demand(demand) : .release(name)]
        }
        switch clause.content {
        case .notNull: return place.map { [.setNotNull($0, isAdded)] } ?? []
        case .primaryKey, .unique: return demand(.unique)
        case .check: return demand(.check)
        case .foreignKey: return demand(.foreignKey(writes: false))
        case .defaultValue: return place.map { [.setFallback($0, isAdded ? .constant : .null)] } ?? []
        case .null, .collation, .generated: return []
        }
    }
}
