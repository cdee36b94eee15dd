public import DoubleWrite

/// The tables of a database, as far as a plan needs them: introspected, or followed from the operations before.
public struct Schema: Sendable, Hashable, Codable {
    /// The database it is of.
    public var dialect: Dialect
    /// The tables, in no particular order.
    public var tables: [Table]

    /// A schema of its tables.
    public init(dialect: Dialect, tables: [Table] = []) {
        self.dialect = dialect
        self.tables = tables
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

    private func same(_ left: TableName, _ right: TableName) -> Bool {
        left.name == right.name
            && (left.schema ?? dialect.defaultSchema) == (right.schema ?? dialect.defaultSchema)
    }
}
