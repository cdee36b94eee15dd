public import DoubleWrite

/// `rename_table`: a table gets another name; the old one stays as a view until nobody uses it.
public struct RenameTable: Sendable, Hashable, Codable {
    /// The table's name before.
    public var table: TableName
    /// Its name afterwards, in the same schema.
    public var to: String

    /// A rename table of its parts.
    public init(table: TableName, to: String) {
        self.table = table
        self.to = to
    }
}
