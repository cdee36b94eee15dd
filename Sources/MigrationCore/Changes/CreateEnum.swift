public import DoubleWrite

/// `create_enum`: a type with a fixed list of values (PostgreSQL).
public struct CreateEnum: Sendable, Hashable, Codable {
    /// The type's name.
    public var name: TableName
    /// Its values, in their order.
    public var values: [String]

    /// A create enum of its parts.
    public init(name: TableName, values: [String]) {
        self.name = name
        self.values = values
    }
}
