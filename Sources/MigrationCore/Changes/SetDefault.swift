public import DoubleWrite

/// `set_default`: a column gets a default, for rows that are inserted from now on.
public struct SetDefault: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column.
    public var column: String
    /// The default, an SQL expression.
    public var defaultValue: PerDialect

    /// A set default of its parts.
    public init(table: TableName, column: String, defaultValue: PerDialect) {
        self.table = table
        self.column = column
        self.defaultValue = defaultValue
    }
}
