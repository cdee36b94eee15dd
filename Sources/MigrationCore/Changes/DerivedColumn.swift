/// A column of the new shape, and how its value is made of the old one.
public struct DerivedColumn: Sendable, Hashable, Codable {
    /// The column.
    public var definition: ColumnDefinition
    /// Its value, an SQL expression over the old columns.
    public var up: PerDialect

    /// A column and its expression.
    public init(definition: ColumnDefinition, up: PerDialect) {
        self.definition = definition
        self.up = up
    }
}

/// A column of the old shape, and how its value is made of the new one.
public struct MergedColumn: Sendable, Hashable, Codable {
    /// The column's name.
    public var name: String
    /// Its value, an SQL expression over the new column.
    public var down: PerDialect

    /// A column and its expression.
    public init(name: String, down: PerDialect) {
        self.name = name
        self.down = down
    }
}
