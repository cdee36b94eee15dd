public import DoubleWrite

/// Something that statements read, write or drop: a table, or columns of it.
public struct TableUse: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The columns; empty where it is the whole table.
    public var columns: [String]

    /// A table, or columns of it.
    public init(table: TableName, columns: [String] = []) {
        self.table = table
        self.columns = columns
    }
}

extension TableUse {
    /// Its columns, each with its table; the table where it is the whole one.
    func touched(_ dialect: Dialect) -> [TouchedColumn] {
        let table = dialect.normalized(table)
        return columns.isEmpty
            ? [TouchedColumn(table: table, column: nil)]
            : columns.map { TouchedColumn(table: table, column: $0) }
    }
}
