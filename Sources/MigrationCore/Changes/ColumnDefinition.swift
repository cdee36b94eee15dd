/// A column as a migration declares it.
public struct ColumnDefinition: Sendable, Hashable, Codable {
    public var name: String
    public var type: PerDialect
    /// Whether the column may hold NULL. The file's `nullable`, true unless said otherwise.
    public var isNullable: Bool
    /// The default's SQL expression.
    public var defaultValue: PerDialect?
    /// Whether the column alone is the primary key.
    public var isPrimaryKey: Bool
    /// Whether the column's values are unique.
    public var isUnique: Bool
    /// The condition of a CHECK.
    public var check: PerDialect?
    public var references: ForeignKeyTarget?
    public var comment: String?

    public init(
        name: String, type: PerDialect, isNullable: Bool = true, defaultValue: PerDialect? = nil,
        isPrimaryKey: Bool = false, isUnique: Bool = false, check: PerDialect? = nil,
        references: ForeignKeyTarget? = nil, comment: String? = nil
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.defaultValue = defaultValue
        self.isPrimaryKey = isPrimaryKey
        self.isUnique = isUnique
        self.check = check
        self.references = references
        self.comment = comment
    }
}
