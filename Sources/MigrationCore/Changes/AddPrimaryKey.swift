public import DoubleWrite

/// `add_primary_key`: the columns by which rows are known.
public struct AddPrimaryKey: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The constraint's name; the one that the database would choose unless said otherwise.
    public var name: String?
    /// The key's columns, in their order.
    public var columns: [String]

    /// An add primary key of its parts.
    public init(table: TableName, name: String? = nil, columns: [String]) {
        self.table = table
        self.name = name
        self.columns = columns
    }
}
