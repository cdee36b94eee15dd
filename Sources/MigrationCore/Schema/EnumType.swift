public import DoubleWrite

/// PostgreSQL: a type with a fixed list of values.
public struct EnumType: Sendable, Hashable, Codable {
    /// The type's name.
    public var name: TableName
    /// Its values, in their order.
    public var labels: [String]
    /// The comment on it.
    public var comment: String?
    /// What uses it, in words: `column kind of table animals`.
    public var users: [String]
    /// Whether it is known from an operation only, and may not be in the database yet.
    public var isPlanned: Bool

    /// An enumerated type of its parts.
    public init(
        name: TableName, labels: [String], comment: String? = nil, users: [String] = [],
        isPlanned: Bool = false
    ) {
        self.name = name
        self.labels = labels
        self.comment = comment
        self.users = users
        self.isPlanned = isPlanned
    }
}
