public import DoubleWrite

/// `add_check`: a condition that every row must meet.
public struct AddCheck: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The constraint's name.
    public var name: String
    /// The condition, an SQL expression over the row.
    public var check: PerDialect

    /// An add check of its parts.
    public init(table: TableName, name: String, check: PerDialect) {
        self.table = table
        self.name = name
        self.check = check
    }
}
