public import DoubleWrite

/// `set_comment`: a comment on a table or a column (PostgreSQL).
public struct SetComment: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column; `nil` for the table itself.
    public var column: String?
    /// The comment; `nil` takes it away.
    public var comment: String?

    /// A set comment of its parts.
    public init(table: TableName, column: String? = nil, comment: String?) {
        self.table = table
        self.column = column
        self.comment = comment
    }
}
