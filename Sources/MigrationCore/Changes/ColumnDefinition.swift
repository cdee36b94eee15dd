/// A column as a migration declares it.
public struct ColumnDefinition: Sendable, Hashable, Codable {
    /// The column's name.
    public var name: String
    /// Its type, as SQL.
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
    /// What it points at, as a foreign key.
    public var references: ForeignKeyTarget?
    /// The comment on it (PostgreSQL).
    public var comment: String?

    /// A column definition of its parts.
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
