import DoubleWrite

/// The clauses of a table's stored text that are on the old columns of a change, and what becomes of each.
struct ShapeTextParts {
    /// A CHECK that the new column has in the end.
    struct Check {
        var clause: SQLiteDefinition.Clause
        /// The column that it is written behind; `nil` for the table.
        var column: String?
        var condition: String
        var name: String { clause.name ?? "CHECK (\(condition))" }
    }

    let change: ShapeChange
    /// What goes from the old columns before nobody fills them.
    private(set) var leaving: [(clause: SQLiteDefinition.Clause, column: String?)] = []
    /// What of that the new columns do not get, in words.
    private(set) var forgotten: [String] = []
    private(set) var notNull: [(clause: SQLiteDefinition.Clause, column: String)] = []
    private(set) var checks: [Check] = []
    private(set) var inline: SQLiteDefinition.Clause?
    private(set) var references: [SQLiteDefinition.Clause] = []
    private let columns: [String]
    private let dialect = Dialect.sqlite

    /// `nil` where nothing could be planned.
    init?(_ change: ShapeChange, _ definition: SQLiteDefinition) {
        guard !change.news.isEmpty else { return nil }
        self.change = change
        columns = definition.columns.map(\.name)
        for entry in definition.clauses { sort(entry) }
        for new in change.news {
            addNotNull(of: new)
            guard let check = new.check, new.isShadow else { continue }
            checks.append(.init(clause: .init(.check(check)), column: new.column.name, condition: check))
        }
    }

    var isEmpty: Bool {
        leaving.isEmpty && notNull.isEmpty && checks.isEmpty && inline == nil && references.isEmpty
    }

    /// Whether a foreign key goes by which the database itself writes.
    var acts: Bool {
        leaving.contains { entry in
            if case .foreignKey(let reference) = entry.clause.content { reference.writes } else { false }
        }
    }

    /// The names that the columns have when the old ones are retired.
    var finalNames: [String: String] {
        var names: [String: String] = [:]
        for old in change.oldNames { names[old] = dialect.retiredName(of: old) }
        for new in change.news { names[new.physicalName] = new.column.name }
        return names
    }

    /// The rows whose new value violates a CHECK, by what they will have or, once it is there, by what they have.
    func demand(_ check: Check, isExpanded: Bool) -> Verification.Invariant {
        let values = columns.map { name in
            let new = change.news.first { dialect.sameName($0.column.name, name) }
            let value = new.map { isExpanded ? dialect.quote($0.physicalName) : change.upValue($0) }
            return (name: name, sql: value ?? dialect.quote(name))
        }
        return .init(
            name: check.name, violation: "NOT \(ScopedExpression.sql(check.condition, over: values, dialect))"
        )
    }
}

extension ShapeTextParts {
    private func old(_ name: String) -> ShapeChange.Old? {
        change.olds.first { dialect.sameName($0.column.name, name) }
    }

    private mutating func sort(_ entry: (clause: SQLiteDefinition.Clause, column: String?)) {
        let isBehindOld = entry.column.flatMap(old) != nil
        switch entry.clause.content {
        case .notNull:
            guard let column = entry.column.flatMap(old)?.column, column.hasNoDefault else { return }
            leaving.append(entry)
        case .check(let condition):
            guard isBehindOld || change.oldNames.contains(where: condition.mentions) else { return }
            leaving.append(entry)
            if change.inherits == .everything, change.keepsName, !isReplaced(entry) {
                checks.append(.init(clause: entry.clause, column: entry.column, condition: condition))
            } else {
                forgotten.append("The CHECK (\(condition))")
            }
        case .foreignKey(let reference):
            let own = entry.column.map { [$0] } ?? reference.columns
            guard own.contains(where: { old($0) != nil }) else { return }
            leaving.append(entry)
            inherit(reference, entry.clause.name, own)
        case .null, .primaryKey, .unique, .defaultValue, .collation, .generated: return
        }
    }

    /// A CHECK that the file declares for the new column stands in the place of the old column's own.
    private func isReplaced(_ entry: (clause: SQLiteDefinition.Clause, column: String?)) -> Bool {
        entry.column != nil && change.news.contains { $0.check != nil }
    }

    private mutating func inherit(_ reference: SQLiteReference, _ name: String?, _ own: [String]) {
        guard change.inherits == .everything, let new = change.news.first else {
            forgotten.append("The foreign key (\(own.joined(separator: ", "))) to '\(reference.table)'")
            return
        }
        var reference = reference
        if own.count == 1, new.column.hasNoDefault, inline == nil {
            reference.columns = []
            inline = .init(name: name, .foreignKey(reference))
        } else {
            reference.columns = own.map { old($0) == nil ? $0 : new.physicalName }
            references.append(.init(name: name, .foreignKey(reference)))
        }
    }

    private mutating func addNotNull(of new: ShapeChange.New) {
        guard !new.column.isNullable, new.column.hasNoDefault else { return }
        let own = leaving.first { entry in
            if case .notNull = entry.clause.content { change.inherits != .grants } else { false }
        }
        notNull.append((own?.clause ?? .init(.notNull(conflict: nil)), new.physicalName))
    }
}

extension SQLiteDefinition {
    /// The definition with columns under other names, in keys and foreign keys as well.
    func renaming(_ names: [String: String]) -> SQLiteDefinition {
        var definition = self
        for index in definition.columns.indices {
            let name = definition.columns[index].name
            definition.columns[index].name = names[name] ?? name
        }
        for index in definition.constraints.indices {
            switch definition.constraints[index].content {
            case .primaryKey(var key):
                for part in key.parts.indices {
                    key.parts[part].column = names[key.parts[part].column] ?? key.parts[part].column
                }
                definition.constraints[index].content = .primaryKey(key)
            case .unique(var key):
                for part in key.parts.indices {
                    key.parts[part].column = names[key.parts[part].column] ?? key.parts[part].column
                }
                definition.constraints[index].content = .unique(key)
            case .foreignKey(var reference):
                reference.columns = reference.columns.map { names[$0] ?? $0 }
                definition.constraints[index].content = .foreignKey(reference)
            case .notNull, .null, .check, .defaultValue, .collation, .generated: break
            }
        }
        return definition
    }
}
