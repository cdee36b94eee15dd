public import DoubleWrite

/// `add_unique`: no two rows may have the same values.
public struct AddUnique: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The constraint's name.
    public var name: String
    /// Its columns, in their order.
    public var columns: [String]

    /// An add unique of its parts.
    public init(table: TableName, name: String, columns: [String]) {
        self.table = table
        self.name = name
        self.columns = columns
    }
}
