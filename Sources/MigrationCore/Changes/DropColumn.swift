public import DoubleWrite

/// `drop_column`: retired under a hidden name first, dropped after a soak.
public struct DropColumn: Sendable, Hashable, Codable {
    /// The table that loses it.
    public var table: TableName
    /// The column's name.
    public var column: String

    /// A drop column of its parts.
    public init(table: TableName, column: String) {
        self.table = table
        self.column = column
    }
}
