public import DoubleWrite

/// `add_foreign_key`: columns that point at another table's.
public struct AddForeignKey: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The constraint's name.
    public var name: String
    /// The referencing columns, in their order.
    public var columns: [String]
    /// What they point at.
    public var target: ForeignKeyTarget

    /// An add foreign key of its parts.
    public init(table: TableName, name: String, columns: [String], target: ForeignKeyTarget) {
        self.table = table
        self.name = name
        self.columns = columns
        self.target = target
    }
}
