public import DoubleWrite

/// `rename_constraint`: a constraint gets another name.
public struct RenameConstraint: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// Its name before.
    public var from: String
    /// Its name afterwards.
    public var to: String

    /// A rename constraint of its parts.
    public init(table: TableName, from: String, to: String) {
        self.table = table
        self.from = from
        self.to = to
    }
}
