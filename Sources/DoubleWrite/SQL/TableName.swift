/// The name of a table, with its schema where it is not the dialect's default one.
public struct TableName: Sendable, Hashable, Codable {
    /// The schema, or `nil` for the dialect's default one (`public`, `main`).
    public var schema: String?

    /// The table's own name.
    public var name: String

    /// The table of this name, in this schema or in the default one.
    public init(schema: String? = nil, _ name: String) {
        self.schema = schema
        self.name = name
    }
}

extension TableName: ExpressibleByStringLiteral {
    /// The table of this name in the default schema. A dot is part of the name.
    public init(stringLiteral value: String) { self.init(value) }
}

extension TableName: CustomStringConvertible {
    /// The name as a person writes it: `animals`, `archive.animals`.
    public var description: String { schema.map { "\($0).\(name)" } ?? name }
}

extension Dialect {
    /// A table as this dialect's SQL, always with its schema.
    public func quote(_ table: TableName) -> String {
        quote(table.schema ?? defaultSchema) + "." + quote(table.name)
    }
}
