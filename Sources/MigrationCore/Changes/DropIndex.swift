public import DoubleWrite

/// `drop_index`: an index goes, without blocking writers where the database can.
public struct DropIndex: Sendable, Hashable, Codable {
    public var table: TableName
    public var name: String

    public init(table: TableName, name: String) {
        self.table = table
        self.name = name
    }
}
