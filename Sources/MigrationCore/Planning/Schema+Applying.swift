import DoubleWrite

/// How a finished operation changes the schema.
extension Schema {
    /// Follows an operation as if it had been carried through. What does not fit the schema changes nothing.
    mutating func apply(_ operation: Operation) {
        let before = tables
        follow(operation)
        for index in tables.indices where !isUnchanged(index, since: before) {
            // SQLite's stored text is of the table as it was.
            var name = tables[index].name
            if case .renameTable(let rename) = operation, rename.to == name.name {
                name = dialect.normalized(rename.table)
            }
            tables[index].followText(of: before.first { $0.name == name })
        }
    }

    /// Whether the table at that place says what it said. Most stand where they stood or one place before: what changes
    /// goes to the end.
    private func isUnchanged(_ index: Int, since before: [Table]) -> Bool {
        let name = tables[index].name
        let place =
            [index, index + 1].first { before.indices.contains($0) && before[$0].name == name }
            ?? before.firstIndex { $0.name == name }
        return place.map { tables[index].saysSame(as: before[$0]) } ?? false
    }

    private mutating func follow(_ operation: Operation) {
        switch operation {
        case .createTable(let operation): apply(operation)
        case .addColumn(let operation): apply(operation)
        case .dropColumn(let operation): apply(operation)
        case .renameColumn(let operation): apply(operation)
        case .createIndex(let operation): apply(operation)
        case .dropIndex(let operation): self[operation.table]?.indexes.removeAll { $0.name == operation.name }
        case .dropTable(let operation): apply(operation)
        case .renameTable(let operation): apply(operation)
        case .changeType(let operation): apply(operation)
        case .changeColumn(let operation): apply(operation)
        case .splitColumn(let operation): apply(operation)
        case .mergeColumns(let operation): apply(operation)
        case .moveColumn(let operation): apply(operation)
        case .extractTable(let operation): apply(operation)
        case .setNotNull(let operation): apply(operation)
        case .dropNotNull(let operation): apply(operation)
        case .setDefault(let operation): apply(operation)
        case .dropDefault(let operation): apply(operation)
        case .setComment(let operation): apply(operation)
        case .addCheck(let operation): apply(operation)
        case .addForeignKey(let operation): apply(operation)
        case .addUnique(let operation): apply(operation)
        case .addPrimaryKey(let operation): apply(operation)
        case .dropConstraint(let operation): apply(operation)
        case .renameConstraint(let operation): apply(operation)
        case .replaceIndex(let operation): apply(operation)
        case .createEnum(let operation): apply(operation)
        case .addEnumValue(let operation): apply(operation)
        case .dropEnum(let operation): apply(operation)
        case .setReplicaIdentity(let operation): apply(operation)
        case .sql(let operation): apply(operation)
        }
    }

    private mutating func apply(_ operation: CreateTable) {
        guard self[operation.table] == nil else { return }
        var table = Table(name: dialect.normalized(operation.table), primaryKey: operation.allPrimaryKey)
        table.comment = dialect == .postgres ? operation.comment : nil
        if dialect == .postgres, !operation.allPrimaryKey.isEmpty {
            table.primaryKeyName = dialect.shortened(table.name.name, suffix: "_pkey")
        }
        for definition in operation.columns {
            table.add(definition, dialect, isNew: true)
            if operation.primaryKey.contains(definition.name), dialect == .postgres {
                table.columns[table.columns.count - 1].isNullable = false
            }
        }
        self[operation.table] = table
    }

    private mutating func apply(_ operation: AddColumn) {
        guard var table = self[operation.table], table.column(operation.column.name) == nil else { return }
        table.add(operation.column, dialect, isNew: false)
        self[operation.table] = table
    }

    private mutating func apply(_ operation: DropColumn) {
        self[operation.table]?.removeColumn(operation.column)
    }

    /// What it says that it drops. What else it does nobody knows.
    private mutating func apply(_ operation: RawSQL) {
        guard operation.contract.contains(where: { $0[dialect] != nil }) else { return }
        for use in operation.drops {
            if use.columns.isEmpty { self[use.table] = nil }
            for column in use.columns { self[use.table]?.removeColumn(column) }
        }
    }

    private mutating func apply(_ operation: CreateIndex) {
        guard let table = self[operation.table] else { return }
        let index = Index(
            name: operation.name, isUnique: operation.isUnique, definition: operation.definition(dialect),
            columns: operation.usedColumns(dialect, in: table), isSimple: operation.isSimple)
        self[operation.table]?.indexes.append(index)
    }

    private mutating func apply(_ operation: RenameColumn) {
        guard var table = self[operation.table], table.column(operation.from) != nil else { return }
        if operation.strategy == .copy { table.removeExtras(of: operation.from) }
        table.renameColumn(operation.from, to: operation.to, moves: operation.strategy == .copy)
        self[operation.table] = table
        let target = dialect.normalized(table.name)
        for index in tables.indices {
            tables[index].renameTarget(operation.from, to: operation.to) { dialect.normalized($0) == target }
        }
    }
}

extension CreateTable {
    /// The primary key, whether it is declared on one column or on the table.
    var allPrimaryKey: [String] {
        primaryKey.isEmpty ? columns.filter(\.isPrimaryKey).map(\.name) : primaryKey
    }
}

extension Table {
    /// Whether both are the same table but for their indexes, of which SQLite's stored text says nothing.
    fileprivate func saysSame(as other: Table) -> Bool {
        if self == other { return true }
        var (left, right) = (self, other)
        left.indexes = []
        right.indexes = []
        return left == right
    }

    /// Adds a column with everything that its definition declares beside it.
    mutating func add(_ definition: ColumnDefinition, _ dialect: Dialect, isNew: Bool) {
        columns.append(definition.column(dialect, in: name))
        add(constraintsOf: definition, dialect, isNew: isNew)
    }

    /// Adds what a column's definition declares beside the column.
    mutating func add(constraintsOf definition: ColumnDefinition, _ dialect: Dialect, isNew: Bool) {
        let names = ConstraintNames(dialect: dialect, table: name, column: definition.name)
        if definition.isUnique {
            if isNew || dialect == .postgres {
                uniqueConstraints.append(UniqueConstraint(name: names.unique, columns: [definition.name]))
            } else {
                indexes.append(
                    Index(
                        name: names.uniqueIndex, isUnique: true,
                        definition: SQLTemplate([.text("("), .column(definition.name), .text(")")]),
                        columns: [definition.name]))
            }
        }
        if let text = definition.check?[dialect] {
            let mentioned = columns.map(\.name).filter(text.mentions)
            checks.append(
                CheckConstraint(
                    name: names.check, definition: SQLTemplate([.text("CHECK \(text.parenthesized)")]),
                    columns: Set(mentioned.isEmpty ? [definition.name] : mentioned)))
        }
        if let target = definition.references {
            foreignKeys.append(
                ForeignKey(name: names.foreignKey, columns: [definition.name], target: target))
        }
    }

    /// Takes a column away, with what was on it.
    mutating func removeColumn(_ name: String) {
        columns.removeAll { $0.name == name }
        indexes.removeAll { $0.columns.contains(name) }
        removeExtras(of: name)
        uniqueConstraints.removeAll { $0.columns.contains(name) }
        checks.removeAll { $0.columns.contains(name) }
        foreignKeys.removeAll { $0.columns.contains(name) }
    }

    /// Forgets what was set on indexes and constraints that go with a column.
    mutating func removeExtras(of column: String) {
        extras?.removeAll { $0.columns.contains(column) }
        if extras?.isEmpty == true { extras = nil }
    }

    /// Renames a column wherever the table speaks of it; `moves` it to the end, where a new column stands.
    mutating func renameColumn(_ old: String, to new: String, moves: Bool) {
        func renamed(_ name: String) -> String { name == old ? new : name }
        guard let place = columns.firstIndex(where: { $0.name == old }) else { return }
        columns[place].name = new
        if moves { columns.append(columns.remove(at: place)) }
        primaryKey = primaryKey.map(renamed)
        for index in uniqueConstraints.indices {
            uniqueConstraints[index].columns = uniqueConstraints[index].columns.map(renamed)
            uniqueConstraints[index].included = uniqueConstraints[index].included.map(renamed)
        }
        for index in checks.indices {
            checks[index].definition.renameColumn(old, to: new)
            checks[index].columns = Set(checks[index].columns.map(renamed))
        }
        for index in foreignKeys.indices {
            foreignKeys[index].columns = foreignKeys[index].columns.map(renamed)
        }
        for index in indexes.indices {
            indexes[index].definition.renameColumn(old, to: new)
            indexes[index].columns = Set(indexes[index].columns.map(renamed))
        }
        extras = extras?.map { TableExtra(name: $0.name, columns: Set($0.columns.map(renamed))) }
        for index in dependents.indices {
            dependents[index].columns = Set(dependents[index].columns.map(renamed))
        }
    }

    /// Renames a column of a referenced table in the foreign keys that point at it.
    mutating func renameTarget(_ old: String, to new: String, where isTarget: (TableName) -> Bool) {
        for index in foreignKeys.indices where isTarget(foreignKeys[index].target.table) {
            foreignKeys[index].target.columns = foreignKeys[index].target.columns.map { $0 == old ? new : $0 }
        }
    }
}

extension SQLTemplate {
    fileprivate mutating func renameColumn(_ old: String, to new: String) {
        segments = segments.map { $0 == .column(old) ? .column(new) : $0 }
    }
}

/// The names of the constraints that one column's definition declares: those that PostgreSQL would choose.
struct ConstraintNames {
    let dialect: Dialect
    let table: TableName
    let column: String

    /// `nil` in SQLite, where a constraint is part of the table's text and nothing is gained by naming it.
    var unique: String? { named("_key") }
    var check: String? { named("_check") }
    var foreignKey: String? { named("_fkey") }

    /// SQLite: the index that stands for UNIQUE on a column that is added later.
    var uniqueIndex: String { dialect.shortened("\(table.name)_\(column)", suffix: "_key") }

    private func named(_ suffix: String) -> String? {
        switch dialect {
        case .postgres: dialect.shortened("\(table.name)_\(column)", suffix: suffix)
        case .sqlite: nil
        }
    }
}
