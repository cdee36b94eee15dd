public import DoubleWrite

/// `create_index`: an index that is built without blocking writers where the database can.
public struct CreateIndex: Sendable, Hashable, Codable {
    /// One key of an index.
    public struct Key: Sendable, Hashable, Codable {
        /// A column's name, or an expression.
        public enum Content: Sendable, Hashable, Codable {
            case column(String)
            case expression(PerDialect)
        }

        /// What is indexed.
        public var content: Content
        /// Whether the largest comes first.
        public var isDescending: Bool

        /// A key of its parts.
        public init(_ content: Content, isDescending: Bool = false) {
            self.content = content
            self.isDescending = isDescending
        }
    }

    /// The table it is on.
    public var table: TableName
    /// The index's name.
    public var name: String
    /// What it is of, in its order.
    public var keys: [Key]
    /// Whether no two rows may have the same keys.
    public var isUnique: Bool
    /// The condition of a partial index.
    public var condition: PerDialect?

    /// A create index of its parts.
    public init(
        table: TableName, name: String, keys: [Key], isUnique: Bool = false, condition: PerDialect? = nil
    ) {
        self.table = table
        self.name = name
        self.keys = keys
        self.isUnique = isUnique
        self.condition = condition
    }
}
