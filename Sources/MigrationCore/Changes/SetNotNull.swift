public import DoubleWrite

/// `set_not_null`: a column may hold NULL no longer.
public struct SetNotNull: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column.
    public var column: String
    /// The value for rows that have none, an SQL expression over the row; without it such rows stop the migration.
    public var fill: PerDialect?

    /// A set not null of its parts.
    public init(table: TableName, column: String, fill: PerDialect? = nil) {
        self.table = table
        self.column = column
        self.fill = fill
    }
}
