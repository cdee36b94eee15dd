public import DoubleWrite

/// `drop_constraint`: a constraint goes.
public struct DropConstraint: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The constraint's name.
    public var name: String

    /// A drop constraint of its parts.
    public init(table: TableName, name: String) {
        self.table = table
        self.name = name
    }
}
