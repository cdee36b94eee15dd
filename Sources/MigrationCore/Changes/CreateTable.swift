public import DoubleWrite

/// `create_table`: a new table.
public struct CreateTable: Sendable, Hashable, Codable {
    /// The new table's name.
    public var table: TableName
    /// Its columns, in their order.
    public var columns: [ColumnDefinition]
    /// The primary key's columns, where it is not declared on one column.
    public var primaryKey: [String]
    /// The comment on it (PostgreSQL).
    public var comment: String?

    /// A create table of its parts.
    public init(
        table: TableName, columns: [ColumnDefinition], primaryKey: [String] = [], comment: String? = nil
    ) {
        self.table = table
        self.columns = columns
        self.primaryKey = primaryKey
        self.comment = comment
    }
}
