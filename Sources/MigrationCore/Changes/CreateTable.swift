public import DoubleWrite

/// `create_table`: a new table.
public struct CreateTable: Sendable, Hashable, Codable {
    public var table: TableName
    public var columns: [ColumnDefinition]
    /// The primary key's columns, where it is not declared on one column.
    public var primaryKey: [String]
    public var comment: String?

    public init(
        table: TableName, columns: [ColumnDefinition], primaryKey: [String] = [], comment: String? = nil
    ) {
        self.table = table
        self.columns = columns
        self.primaryKey = primaryKey
        self.comment = comment
    }
}
