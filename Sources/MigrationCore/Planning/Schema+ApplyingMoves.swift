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
