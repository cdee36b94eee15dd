public import DoubleWrite

/// `add_column`: a column that has no old side. The database gets it first, then the release that uses it.
public struct AddColumn: Sendable, Hashable, Codable {
    public var table: TableName
    public var column: ColumnDefinition

    public init(table: TableName, column: ColumnDefinition) {
        self.table = table
        self.column = column
    }
}
