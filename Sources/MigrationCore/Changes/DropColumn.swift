public import DoubleWrite

/// `drop_column`: retired under a hidden name first, dropped after a soak.
public struct DropColumn: Sendable, Hashable, Codable {
    public var table: TableName
    public var column: String

    public init(table: TableName, column: String) {
        self.table = table
        self.column = column
    }
}
