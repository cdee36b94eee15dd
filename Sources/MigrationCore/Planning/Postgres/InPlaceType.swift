import DoubleWrite

/// A change of type that PostgreSQL makes in its catalogue alone: every stored value is one of the new type already, and
/// no index is built anew (`TryReuseIndex`, and the planner support functions of varchar, numeric, timestamp, interval and
/// bit varying, <https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES>).
struct InPlaceType {
    let old: SQLType
    let new: SQLType
    /// Why it is safe, as a sentence.
    let reason: String

    /// `nil` where the values would be written or read anew, or where something on the column would be.
    init?(_ operation: ChangeType, of column: Column, in table: Table, _ dialect: Dialect) {
        guard dialect == .postgres, operation.up == nil, operation.down == nil,
            let type = operation.type[dialect],
            column.generated == nil, column.domain == nil
        else { return nil }
        self.init(from: SQLType(column.type, dialect), to: SQLType(type, dialect))
        guard Self.holdsUp(column.name, in: table, keepingOperators: old.name == new.name) == nil else {
            return nil
        }
    }

    init?(from old: SQLType, to new: SQLType) {
        self.old = old
        self.new = new
        guard old != new, let reason = Self.reason(old, new) else { return nil }
        self.reason = reason
    }

    /// What on the column would be checked or built anew under the lock, or stands in the way of `ALTER COLUMN TYPE`.
    ///
    /// - Parameter keepingOperators: Whether foreign keys compare as before, and so are not checked again.
    static func holdsUp(_ name: String, in table: Table, keepingOperators: Bool) -> String? {
        if let index = table.indexes.first(where: { $0.columns.contains(name) && !$0.isSimple }) {
            return "the index '\(index.name)' has an expression or a condition and would be built anew"
        }
        if let check = table.checks.first(where: { $0.columns.contains(name) }) {
            return "every row would be read for the CHECK '\(check.name ?? "")'"
        }
        let keys = table.foreignKeys.filter { $0.columns.contains(name) }.compactMap(\.name)
        if !keepingOperators, let key = keys.first {
            return "every row would be read for the foreign key '\(key)'"
        }
        for dependent in table.dependents where dependent.mayUse(name) {
            switch dependent.kind {
            case .function: continue
            case .foreignKey where keepingOperators: continue
            case .trigger where dependent.columns.isEmpty: continue
            case .view, .materializedView, .generatedColumn, .trigger, .rule, .policy, .statistics,
                .foreignKey,
                .exclusion, .partitionKey, .replicaIdentity, .boundFunction, .partitionObject:
                return "the \(dependent.kind.rawValue) '\(dependent.name)' uses it"
            }
        }
        return nil
    }

    private static func reason(_ old: SQLType, _ new: SQLType) -> String? {
        let grows =
            old.modifiers.first.map { before in new.modifiers.first.map { $0 >= before } ?? true } ?? false
        let isUnlimited = new.modifiers.isEmpty
        switch (old.name, new.name) {
        case ("character varying", "character varying") where grows || isUnlimited:
            return "Every text that was short enough still is, so no row is read."
        case ("character varying", "text"):
            return "Both types store a text alike, and text has no limit, so no row is read."
        case ("text", "character varying") where isUnlimited:
            return "Both types store a text alike, and without a length there is no limit, so no row is read."
        case ("numeric", "numeric") where isUnlimited:
            return "Every number keeps its digits, and there is no limit any more, so no row is read."
        case ("numeric", "numeric") where grows && old.modifiers.last == new.modifiers.last:
            return "The scale stays, and every number that had room still has, so no row is read."
        case ("bit varying", "bit varying") where grows || isUnlimited:
            return "Every string of bits that was short enough still is, so no row is read."
        case ("cidr", "inet"):
            return "Every network is an address of the other type, stored alike, so no row is read."
        case ("timestamp without time zone", "timestamp without time zone") where grows || isUnlimited,
            ("timestamp with time zone", "timestamp with time zone") where grows || isUnlimited,
            ("interval", "interval") where grows || isUnlimited:
            return "Every value has no more fractional digits than it may have, so no row is read."
        default: return nil
        }
    }
}
