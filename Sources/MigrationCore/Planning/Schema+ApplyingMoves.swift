import DoubleWrite

/// How finished operations over two tables change the schema.
extension Schema {
    mutating func apply(_ operation: MoveColumn) {
        guard var source = self[operation.table], var target = self[operation.toTable],
            var column = source.column(operation.column), target.column(operation.to) == nil
        else { return }
        source.removeColumn(operation.column)
        column.name = operation.to
        column.defaultValue = nil
        column.isDefaultVolatile = false
        target.columns.append(column)
        self[operation.table] = source
        self[operation.toTable] = target
    }
}

extension Schema {
    mutating func apply(_ operation: ExtractTable) {
        guard var source = self[operation.table], let column = source.column(operation.column),
            source.column(operation.reference) == nil, self[operation.into] == nil
        else { return }
        let lookup = ExtractedTable(operation: operation, source: source, column: column, dialect: dialect)
        source.columns.append(lookup.reference)
        source.foreignKeys.append(lookup.foreignKey)
        source.indexes.append(lookup.index.asIndex(dialect))
        source.removeColumn(operation.column)
        self[operation.table] = source
        self[operation.into] = lookup.finished
    }
}
