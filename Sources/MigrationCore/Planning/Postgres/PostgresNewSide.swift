import DoubleWrite

/// An index or a constraint, and how the new side has it: on which columns, under which name for now.
struct PostgresCarried<Object> {
    let object: Object
    let carrying: PostgresCarrying
    /// Whether it is the copy of one that the old side has.
    let isCopy: Bool
}

/// The indexes and constraints of a change's new columns: the copies of what is on the old one, and what they declare.
struct PostgresNewSide {
    private(set) var indexes: [PostgresCarried<Index>] = []
    private(set) var uniques: [PostgresCarried<UniqueConstraint>] = []
    private(set) var checks: [PostgresCarried<CheckConstraint>] = []
    private(set) var foreignKeys: [PostgresCarried<ForeignKey>] = []
    /// Copies of foreign keys to a column that changes in the same migration.
    private(set) var movedKeys: [PostgresMovedKey] = []
    /// CHECKs that can only be said when the column bears its own name.
    private(set) var lateChecks: [CheckConstraint] = []
    /// CHECKs of the old side that a declared one replaces.
    private(set) var replacedChecks: [CheckConstraint] = []

    init(_ change: ShapeChange, old: PostgresConstraints, context: PlanningContext) {
        let copying = PostgresCarrying(columns: change.heirs, name: Dialect.postgres.temporaryName)
        func copies<Object>(_ objects: [Object]) -> [PostgresCarried<Object>] {
            objects.map { PostgresCarried(object: $0, carrying: copying, isCopy: true) }
        }
        let isReplaced = change.inherits != .grants && change.news.contains { $0.check != nil }
        if isReplaced { replacedChecks = old.checks.filter { $0.columns.count == 1 } }
        switch change.inherits {
        case .everything:
            indexes = copies(old.indexes)
            uniques = copies(old.uniques)
            checks = copies(old.checks.filter { check in !replacedChecks.contains { $0.name == check.name } })
            movedKeys = old.foreignKeys.compactMap {
                PostgresMovedKey(
                    $0, retyped: change.movesKeys ? context.retyped : [], in: context.schema,
                    columns: change.heirs)
            }
            let moved = Set(movedKeys.map(\.original))
            foreignKeys = copies(old.foreignKeys.filter { !moved.contains($0) })
        case .keys:
            indexes = copies(old.indexes.filter(\.isSimple))
            uniques = copies(old.uniques)
        case .grants: break
        }
        for new in change.news { declare(new, change, old) }
        if let index = change.lookup?.index.asIndex(.postgres) {
            indexes.append(PostgresCarried(object: index, carrying: .originals, isCopy: false))
        }
    }

    private mutating func declare(_ new: ShapeChange.New, _ change: ShapeChange, _ old: PostgresConstraints) {
        let names = ConstraintNames(dialect: .postgres, table: change.table.name, column: new.column.name)
        let taken = Set(old.names)
        let carrying = PostgresCarrying(
            columns: [:], name: { taken.contains($0) ? Dialect.postgres.temporaryName(of: $0) : $0 })
        if new.isUnique {
            let unique = UniqueConstraint(name: names.unique, columns: [new.physicalName])
            uniques.append(PostgresCarried(object: unique, carrying: carrying, isCopy: false))
        }
        if let text = new.check {
            let check = CheckConstraint(
                name: names.check, definition: SQLTemplate([.text("CHECK \(text.parenthesized)")]),
                columns: [new.physicalName])
            if new.isShadow {
                lateChecks.append(check)
            } else {
                checks.append(PostgresCarried(object: check, carrying: carrying, isCopy: false))
            }
        }
        if let target = new.references {
            let key = ForeignKey(name: names.foreignKey, columns: [new.physicalName], target: target)
            foreignKeys.append(PostgresCarried(object: key, carrying: carrying, isCopy: false))
        }
    }
}

extension PostgresNewSide {
    /// Foreign keys by which the database itself writes the new columns.
    var writingKeys: [PostgresCarried<ForeignKey>] {
        foreignKeys.filter { $0.object.writes }
            + movedKeys.compactMap { key in
                key.forerunner.map { PostgresCarried(object: key.original, carrying: $0, isCopy: true) }
            }
    }

    /// The statements by which everything gets the name that it keeps.
    func finalNames(on table: TableName) -> [String] {
        let dialect = Dialect.postgres
        let alter = "ALTER TABLE \(dialect.quote(table))"
        let renamed = indexes.filter { $0.carrying.name($0.object.name) != $0.object.name }
        let indexNames = renamed.map { index in
            let copy = TableName(schema: table.schema, index.carrying.name(index.object.name))
            return "ALTER INDEX \(dialect.quote(copy)) RENAME TO \(dialect.quote(index.object.name))"
        }
        let constraints =
            uniques.map { ($0.object.name, $0.carrying) } + checks.map { ($0.object.name, $0.carrying) }
            + foreignKeys.map { ($0.object.name, $0.carrying) }
            + movedKeys.map { ($0.original.name, $0.carrying) }
        let constraintNames = constraints.compactMap { name, carrying -> String? in
            guard let name, carrying.name(name) != name else { return nil }
            return "\(alter) RENAME CONSTRAINT \(carrying.quotedName(name)) TO \(dialect.quote(name))"
        }
        return indexNames + constraintNames
    }
}
