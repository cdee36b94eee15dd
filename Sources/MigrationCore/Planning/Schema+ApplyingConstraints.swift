import DoubleWrite

/// How finished operations on what holds a table's values change the schema.
extension Schema {
    mutating func apply(_ operation: SetNotNull) {
        change(operation.column, of: operation.table) {
            $0.isNullable = false
            $0.mayHoldOldNulls = nil
        }
    }

    mutating func apply(_ operation: DropNotNull) {
        change(operation.column, of: operation.table) { $0.isNullable = true }
    }

    mutating func apply(_ operation: SetDefault) {
        let text = operation.defaultValue[dialect]
        let isVolatile = dialect == .postgres && !(text.map(PostgresDefault.isConstant) ?? true)
        change(operation.column, of: operation.table) {
            $0.defaultValue = text
            $0.isDefaultVolatile = isVolatile
        }
    }

    mutating func apply(_ operation: DropDefault) {
        change(operation.column, of: operation.table) {
            $0.defaultValue = nil
            $0.isDefaultVolatile = false
        }
    }

    mutating func apply(_ operation: SetComment) {
        guard dialect == .postgres else { return }
        if let column = operation.column {
            change(column, of: operation.table) { $0.comment = operation.comment }
        } else {
            self[operation.table]?.comment = operation.comment
        }
    }

    private mutating func change(_ name: String, of table: TableName, _ change: (inout Column) -> Void) {
        guard let place = self[table]?.columns.firstIndex(where: { $0.name == name }) else { return }
        guard var changed = self[table] else { return }
        change(&changed.columns[place])
        self[table] = changed
    }
}

extension Schema {
    mutating func apply(_ operation: AddCheck) {
        guard let text = operation.check[dialect], let table = self[operation.table] else { return }
        let columns = table.columns.map(\.name).filter(text.mentions)
        self[operation.table]?.checks.append(
            CheckConstraint(
                name: operation.name, definition: SQLTemplate([.text("CHECK \(text.parenthesized)")]),
                columns: Set(columns)))
    }

    mutating func apply(_ operation: AddForeignKey) {
        self[operation.table]?.foreignKeys.append(
            ForeignKey(name: operation.name, columns: operation.columns, target: operation.target))
    }

    /// SQLite: an index of that name does the same and needs no new table.
    mutating func apply(_ operation: AddUnique) {
        switch dialect {
        case .postgres:
            self[operation.table]?.uniqueConstraints.append(
                UniqueConstraint(name: operation.name, columns: operation.columns))
        case .sqlite:
            let index = CreateIndex(
                table: operation.table, name: operation.name,
                keys: operation.columns.map { CreateIndex.Key(.column($0)) }, isUnique: true)
            apply(.createIndex(index))
        }
    }

    mutating func apply(_ operation: AddPrimaryKey) {
        guard var table = self[operation.table], table.primaryKey.isEmpty else { return }
        table.primaryKey = operation.columns
        if dialect == .postgres {
            table.primaryKeyName = operation.name ?? dialect.shortened(table.name.name, suffix: "_pkey")
            for index in table.columns.indices where operation.columns.contains(table.columns[index].name) {
                table.columns[index].isNullable = false
            }
        }
        self[operation.table] = table
    }

    mutating func apply(_ operation: DropConstraint) {
        guard var table = self[operation.table] else { return }
        let name = operation.name
        if table.primaryKeyName == name {
            table.primaryKeyName = nil
            table.primaryKey = []
        }
        table.uniqueConstraints.removeAll { $0.name == name }
        table.checks.removeAll { $0.name == name }
        table.foreignKeys.removeAll { $0.name == name }
        if dialect == .sqlite, let unique = SQLiteUniqueIndex(name, of: table) {
            table.indexes.removeAll { $0.name == unique.index.name }
        }
        self[operation.table] = table
    }

    mutating func apply(_ operation: RenameConstraint) {
        guard var table = self[operation.table] else { return }
        func renamed(_ name: String?) -> String? { name == operation.from ? operation.to : name }
        table.primaryKeyName = renamed(table.primaryKeyName)
        for index in table.uniqueConstraints.indices {
            table.uniqueConstraints[index].name = renamed(table.uniqueConstraints[index].name)
        }
        if dialect == .sqlite, let unique = SQLiteUniqueIndex(operation.from, of: table) {
            for place in table.indexes.indices where table.indexes[place].name == unique.index.name {
                table.indexes[place].name = operation.to
            }
        }
        for index in table.checks.indices { table.checks[index].name = renamed(table.checks[index].name) }
        for index in table.foreignKeys.indices {
            table.foreignKeys[index].name = renamed(table.foreignKeys[index].name)
        }
        self[operation.table] = table
    }

    mutating func apply(_ operation: ReplaceIndex) {
        guard self[operation.new.table]?.indexes.contains(where: { $0.name == operation.old }) == true else {
            return
        }
        self[operation.new.table]?.indexes.removeAll { $0.name == operation.old }
        apply(.createIndex(operation.new))
    }
}
