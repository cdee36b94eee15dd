public import DoubleWrite

/// `drop_not_null`: a column may hold NULL from now on.
public struct DropNotNull: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column.
    public var column: String

    /// A drop not null of its parts.
    public init(table: TableName, column: String) {
        self.table = table
        self.column = column
    }
}
