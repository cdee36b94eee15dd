import DoubleWrite

/// One clause more, less or other in a table's stored definition.
///
/// An edit names the clause itself, not its place, so it is right also when another migration has changed something else
/// of the same table meanwhile.
public enum TableEdit: Sendable, Hashable, Codable {
    /// Adds a clause to a column, or without a column to the table.
    case add(SQLiteDefinition.Clause, column: String?)
    /// Takes away a clause, which must be there.
    case remove(SQLiteDefinition.Clause, column: String?)
    /// Puts a clause in the place of another, which must be there.
    case replace(SQLiteDefinition.Clause, SQLiteDefinition.Clause, column: String?)
    /// Puts another declared type in the place of one, which must be there.
    case retype(from: String, to: String, column: String)

    /// The edit that takes this one back.
    public var inverse: TableEdit {
        switch self {
        case .add(let clause, let column): .remove(clause, column: column)
        case .remove(let clause, let column): .add(clause, column: column)
        case .replace(let old, let new, let column): .replace(new, old, column: column)
        case .retype(let old, let new, let column): .retype(from: new, to: old, column: column)
        }
    }
}

extension SQLiteDefinition {
    /// The definition with the edits made, one after the other; `nil` where one of them does not fit.
    public func edited(_ edits: [TableEdit]) -> SQLiteDefinition? {
        var definition = self
        for edit in edits {
            let isDone: Bool
            switch edit {
            case .add(let clause, let column): isDone = definition.change(column) { $0.append(clause) }
            case .remove(let clause, let column):
                isDone = definition.change(column, at: clause) { $0.remove(at: $1) }
            case .replace(let old, let new, let column):
                isDone = definition.change(column, at: old) { $0[$1] = new }
            case .retype(let old, let new, let column):
                isDone = definition.retype(column, from: old, to: new)
            }
            guard isDone else { return nil }
        }
        return definition
    }

    private mutating func retype(_ column: String, from old: String, to new: String) -> Bool {
        let place = columns.firstIndex { Dialect.sqlite.sameName($0.name, column) }
        guard let place, columns[place].type == old else { return false }
        columns[place].type = new
        return true
    }

    private mutating func change(_ column: String?, _ body: (inout [Clause]) -> Void) -> Bool {
        guard let column else {
            body(&constraints)
            return true
        }
        guard let place = columns.firstIndex(where: { Dialect.sqlite.sameName($0.name, column) }) else {
            return false
        }
        body(&columns[place].clauses)
        return true
    }

    private mutating func change(
        _ column: String?, at clause: Clause, _ body: (inout [Clause], Int) -> Void
    ) -> Bool {
        var isFound = false
        let hasColumn = change(column) { clauses in
            guard let index = clauses.firstIndex(of: clause) else { return }
            isFound = true
            body(&clauses, index)
        }
        return hasColumn && isFound
    }
}

extension SQLiteDefinition {
    /// Whether both say the same, whatever the order of their clauses.
    ///
    /// Only the order of the keys counts: by their place SQLite knows the index that belongs to each
    /// (`sqlite_autoindex_animals_2`), and a text in another order would make one key read the other's index.
    public func saysSame(as other: SQLiteDefinition) -> Bool { sorted == other.sorted }

    private var sorted: SQLiteDefinition {
        var definition = self
        for index in definition.columns.indices {
            definition.columns[index].clauses = Self.sorted(definition.columns[index].clauses)
        }
        definition.constraints = Self.sorted(definition.constraints)
        return definition
    }

    private static func sorted(_ clauses: [Clause]) -> [Clause] {
        clauses.filter { $0.content.key != nil }
            + clauses.filter { $0.content.key == nil }.sorted { $0.sql < $1.sql }
    }

    /// The column of that name, as SQLite compares names.
    public func column(_ name: String) -> Column? {
        columns.first { Dialect.sqlite.sameName($0.name, name) }
    }
}

extension SQLiteDefinition.Content {
    /// The key of a PRIMARY KEY or UNIQUE.
    var key: SQLiteKey? {
        switch self {
        case .primaryKey(let key), .unique(let key): key
        case .notNull, .null, .check, .defaultValue, .collation, .foreignKey, .generated: nil
        }
    }
}
