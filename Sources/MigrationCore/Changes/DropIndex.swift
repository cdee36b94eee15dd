public import DoubleWrite

/// `drop_index`: an index goes, without blocking writers where the database can.
public struct DropIndex: Sendable, Hashable, Codable {
    /// The table it is on.
    public var table: TableName
    /// The index's name.
    public var name: String

    /// A drop index of its parts.
    public init(table: TableName, name: String) {
        self.table = table
        self.name = name
    }
}
