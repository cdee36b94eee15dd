import DoubleWrite

/// How finished operations on a column's shape change the schema.
extension Schema {
    mutating func apply(_ operation: ChangeType) {
        guard var table = self[operation.table], let type = operation.type[dialect],
            let old = table.column(operation.column)
        else { return }
        var new = old.changed(to: type, dialect, in: table.name)
        let isInPlace =
            switch dialect {
            case .postgres: InPlaceType(operation, of: old, in: table, dialect) != nil
            case .sqlite: SQLiteInPlaceType(operation, of: old, in: table) != nil
            }
        if isInPlace { new.defaultValue = old.defaultValue } else { table.removeExtras(of: old.name) }
        table.replaceColumn(old.name, with: new, moves: !isInPlace)
        self[operation.table] = table
    }

    mutating func apply(_ operation: ChangeColumn) {
        guard var table = self[operation.table], let old = table.column(operation.from) else { return }
        let definition = operation.definition(changing: old, dialect)
        var new = definition.column(dialect, in: table.name)
            .inheriting(old, type: operation.type?[dialect] == nil).withoutNullDefault
        new.type = SQLType(new.type, dialect).text
        table.removeExtras(of: old.name)
        if operation.check?[dialect] != nil { table.checks.removeAll { $0.columns == [old.name] } }
        table.renameColumn(old.name, to: new.name, moves: true)
        table.replaceColumn(new.name, with: new, moves: true)
        table.add(constraintsOf: definition, dialect, isNew: false)
        self[operation.table] = table
    }

    mutating func apply(_ operation: SplitColumn) {
        replace([operation.from], of: operation.table, with: operation.to.map(\.definition))
    }

    mutating func apply(_ operation: MergeColumns) {
        replace(operation.from.map(\.name), of: operation.table, with: [operation.to.definition])
    }

    private mutating func replace(
        _ olds: [String], of name: TableName, with news: [ColumnDefinition]
    ) {
        guard var table = self[name], olds.allSatisfy({ table.column($0) != nil }) else { return }
        let grants = olds.compactMap(table.column).flatMap(\.grants).uniqued
        for new in news {
            table.add(new, dialect, isNew: false)
            let place = table.columns.count - 1
            table.columns[place] = table.columns[place].withoutNullDefault
            table.columns[place].grants = grants
            table.columns[place].type = SQLType(table.columns[place].type, dialect).text
        }
        for old in olds { table.removeColumn(old) }
        self[name] = table
    }
}

extension Table {
    /// Puts another column of the same name in a column's place, or at the end, where a new one stands.
    fileprivate mutating func replaceColumn(_ name: String, with new: Column, moves: Bool) {
        guard let place = columns.firstIndex(where: { $0.name == name }) else { return }
        columns[place] = new
        if moves { columns.append(columns.remove(at: place)) }
    }
}

extension Array where Element: Hashable {
    /// The elements without repetitions, in their order.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
