public import DoubleWrite

/// `drop_default`: a column has no default any more.
public struct DropDefault: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column.
    public var column: String

    /// A drop default of its parts.
    public init(table: TableName, column: String) {
        self.table = table
        self.column = column
    }
}
