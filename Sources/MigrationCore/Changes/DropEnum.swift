public import DoubleWrite

/// `drop_enum`: an enumerated type goes that nothing uses any more (PostgreSQL).
public struct DropEnum: Sendable, Hashable, Codable {
    /// The type's name.
    public var name: TableName

    /// A drop enum of its parts.
    public init(name: TableName) {
        self.name = name
    }
}
