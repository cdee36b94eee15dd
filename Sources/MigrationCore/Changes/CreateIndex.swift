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

        public var content: Content
        public var isDescending: Bool

        public init(_ content: Content, isDescending: Bool = false) {
            self.content = content
            self.isDescending = isDescending
        }
    }

    public var table: TableName
    public var name: String
    public var keys: [Key]
    public var isUnique: Bool
    /// The condition of a partial index.
    public var condition: PerDialect?

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
