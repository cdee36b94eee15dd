public import DoubleWrite

/// `add_column`: a column that has no old side. The database gets it first, then the release that uses it.
public struct AddColumn: Sendable, Hashable, Codable {
    /// The table that gets it.
    public var table: TableName
    /// The column.
    public var column: ColumnDefinition

    /// An add column of its parts.
    public init(table: TableName, column: ColumnDefinition) {
        self.table = table
        self.column = column
    }
}
