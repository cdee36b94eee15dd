import DoubleWrite

/// What tables demand of a row beside NOT NULL, as far as it is known: which columns are unique together, and what a CHECK
/// says.
///
/// It is there to say what is surely refused. What is not understood is left out, and says nothing.
struct ContractDemands {
    /// Columns that are unique together.
    struct Unique {
        var name: String?
        var columns: Set<String>
        /// Whether it holds for every row: no condition, no expression.
        var isWhole: Bool
        /// Whether a plan has begun it. One that was there before has let its rows pass.
        var isNew: Bool
    }

    /// A CHECK of one column.
    struct Check {
        var name: String?
        var column: String
        /// `CHECK (...)`.
        var text: String
    }

    private(set) var uniques: [TableName: [Unique]] = [:]
    private(set) var checks: [TableName: [Check]] = [:]
    /// Whether anything may be there, or gone, that is not seen here.
    private(set) var isTrackLost = false

    /// What a schema says of a table.
    mutating func read(_ table: Table, named key: TableName, _ dialect: Dialect, isNew: Bool = false) {
        func unique(_ name: String?, _ columns: some Sequence<String>, isWhole: Bool = true) -> Unique {
            Unique(name: name, columns: folded(columns, dialect), isWhole: isWhole, isNew: isNew)
        }
        var uniques = table.uniqueConstraints.map { unique($0.name, $0.columns) }
        if !table.primaryKey.isEmpty { uniques.append(unique(table.primaryKeyName, table.primaryKey)) }
        uniques += table.indexes.filter(\.isUnique).map { unique($0.name, $0.columns, isWhole: $0.isSimple) }
        self.uniques[key] = uniques
        checks[key] = table.checks.compactMap { Self.check($0, dialect) }
    }

    /// Another definition in the place of a table's.
    mutating func exchange(_ table: Table, named key: TableName, _ dialect: Dialect) {
        let before = uniques[key] ?? []
        read(table, named: key, dialect, isNew: true)
        uniques[key] = uniques[key]?.map { unique in
            var unique = unique
            unique.isNew = !before.contains { $0.columns == unique.columns && !$0.isNew }
            return unique
        }
    }

    /// A constraint or an index that a plan makes. Its text is known where the schema in the end has one of that name.
    mutating func begin(_ demand: Effect.Demand, as table: Table?, _ key: TableName, _ dialect: Dialect) {
        switch demand.kind {
        case .unique:
            let columns = folded(demand.columns, dialect)
            let plain =
                (table?.uniqueConstraints.filter { $0.name == demand.name }.map(\.columns) ?? [])
                + (table?.indexes.filter { $0.name == demand.name && $0.isSimple && $0.isUnique }
                    .map { $0.columns.sorted() } ?? [])
            let isWhole = plain.contains { folded($0, dialect) == columns }
            uniques[key, default: []].append(
                Unique(name: demand.name, columns: columns, isWhole: isWhole, isNew: true))
        case .check:
            let found = table?.checks.first { $0.name == demand.name }
            if let check = found.flatMap({ Self.check($0, dialect) }) {
                checks[key, default: []].append(check)
            }
        case .notNull, .foreignKey: break
        }
    }

    /// Follows what happens to names.
    ///
    /// - Parameter key: The name by which a table is known here.
    mutating func apply(_ effect: Effect, _ dialect: Dialect, key: (TableName) -> TableName) {
        switch effect {
        case .dropColumn(let place):
            let (table, column) = (key(place.table), ContractSchema.folded(place.column, dialect))
            uniques[table]?.removeAll { $0.columns.contains(column) }
            checks[table]?.removeAll { $0.column == column }
        case .renameColumn(let place, let new):
            rename(
                ContractSchema.folded(place.column, dialect), to: ContractSchema.folded(new, dialect),
                in: key(place.table))
        case .dropTable(let table), .createTable(let table): forget(key(table))
        case .renameTable(let table, let new):
            uniques[key(new)] = uniques.removeValue(forKey: key(table))
            checks[key(new)] = checks.removeValue(forKey: key(table))
        case .release(let name):
            for table in uniques.keys { uniques[table]?.removeAll { $0.name == name } }
            for table in checks.keys { checks[table]?.removeAll { $0.name == name } }
        case .renameObject(let old, let new):
            for table in uniques.keys { uniques[table] = uniques[table]?.map { $0.renamed(old, new) } }
        case .addColumn, .setNotNull, .setFallback, .createView, .dropView, .createType, .dropType, .demand,
            .validate, .createTrigger, .dropTrigger:
            break
        }
    }

    mutating func loseTrack() { isTrackLost = true }

    private mutating func forget(_ table: TableName) {
        uniques[table] = nil
        checks[table] = nil
    }

    /// The text of a CHECK has the column's name of before.
    private mutating func rename(_ column: String, to new: String, in table: TableName) {
        checks[table]?.removeAll { $0.column == column }
        uniques[table] = uniques[table]?.map { unique in
            var unique = unique
            if unique.columns.remove(column) != nil { unique.columns.insert(new) }
            return unique
        }
    }

    private static func check(_ check: CheckConstraint, _ dialect: Dialect) -> Check? {
        guard check.columns.count == 1, let column = check.columns.first else { return nil }
        return Check(
            name: check.name, column: ContractSchema.folded(column, dialect),
            text: check.definition.sql(dialect)
        )
    }

    private func folded(_ names: some Sequence<String>, _ dialect: Dialect) -> Set<String> {
        Set(names.map { ContractSchema.folded($0, dialect) })
    }
}

extension ContractDemands.Unique {
    fileprivate func renamed(_ old: String, _ new: String) -> Self {
        var unique = self
        if name == old { unique.name = new }
        return unique
    }
}
