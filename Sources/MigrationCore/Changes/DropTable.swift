public import DoubleWrite

/// `drop_table`: a table goes: retired under a hidden name first, dropped after a soak.
public struct DropTable: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName

    /// A drop table of its parts.
    public init(table: TableName) {
        self.table = table
    }
}
