public import DoubleWrite

/// The tables of a database, as far as a plan needs them: introspected, or followed from the operations before.
public struct Schema: Sendable, Hashable, Codable {
    /// The database it is of.
    public var dialect: Dialect
    /// The tables, in no particular order.
    public var tables: [Table]
    /// PostgreSQL: the enumerated types.
    public var enums: [EnumType]
    /// PostgreSQL: whether a view can look at its table with the rights of whoever uses it (from 15 on).
    public var hasInvokerViews: Bool

    /// A schema of its tables and types.
    public init(
        dialect: Dialect, tables: [Table] = [], enums: [EnumType] = [], hasInvokerViews: Bool = true
    ) {
        self.dialect = dialect
        self.tables = tables
        self.enums = enums
        self.hasInvokerViews = hasInvokerViews
    }
}

extension Schema {
    /// The table of that name; a missing schema and the dialect's default one are the same.
    public subscript(name: TableName) -> Table? {
        get { tables.first { same($0.name, name) } }
        set {
            let others = tables.filter { !same($0.name, name) }
            tables = others + (newValue.map { [$0] } ?? [])
        }
    }

    /// The enumerated type of that name.
    public func enumType(_ name: TableName) -> EnumType? {
        enums.first { same($0.name, name) }
    }

    private func same(_ left: TableName, _ right: TableName) -> Bool {
        left.name == right.name
            && (left.schema ?? dialect.defaultSchema) == (right.schema ?? dialect.defaultSchema)
    }
}
