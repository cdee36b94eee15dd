/// A table that has each value of a column once; rows point at a value by its key.
///
/// The value has a unique index whose `=` means identity, so a value and its key stand for each other.
public struct LookupTable: Sendable, Hashable {
    /// The table.
    public let name: TableName

    /// Its primary key, a number that the database gives.
    public let key: String

    /// The column with the values.
    public let value: String

    /// A table of values.
    public init(_ name: TableName, key: String, value: String) {
        self.name = name
        self.key = key
        self.value = value
    }
}

extension LookupTable {
    /// What the lookup table is called inside of its own queries: unlike every table's name, for what they are asked
    /// about may be a column of any table.
    private func alias(_ dialect: Dialect) -> String { dialect.quote("_bellows_lookup") }

    private func column(_ name: String, _ dialect: Dialect) -> String {
        "\(alias(dialect)).\(dialect.quote(name))"
    }

    private func query(_ result: String, where condition: String, _ dialect: Dialect) -> String {
        "SELECT \(result) FROM \(dialect.quote(name)) AS \(alias(dialect)) WHERE \(condition)"
    }

    /// A query of the key of a value; it gives NULL for NULL, and where there is no such value.
    public func up(of value: String, _ dialect: Dialect) -> String {
        query(column(key, dialect), where: "\(column(self.value, dialect)) = \(value)", dialect)
    }

    /// A query of the value of a key.
    public func down(of key: String, _ dialect: Dialect) -> String {
        query(column(value, dialect), where: "\(column(self.key, dialect)) = \(key)", dialect)
    }

    /// A query of the keys of some values.
    func keys(of values: [String], _ dialect: Dialect) -> String {
        let list = values.joined(separator: ", ")
        return query(column(key, dialect), where: "\(column(value, dialect)) IN (\(list))", dialect)
    }

    /// Inserts those values that are not there, in two parts: before the condition that says which of the rows of
    /// `source` are meant, and behind it.
    ///
    /// A value that another transaction is inserting is waited for; one that is there costs no write and no lock. They
    /// are inserted in their order, so that two that insert several do not wait for each other.
    ///
    /// - Parameters:
    ///   - sql: What gives a value.
    ///   - source: What it is taken from, as it stands in a `FROM`.
    public func insertion(
        of sql: String, from source: String, _ dialect: Dialect
    ) -> (head: String, tail: String) {
        let target = dialect.quote(value)
        let there = query("1", where: "\(column(value, dialect)) = \(sql)", dialect)
        return (
            "INSERT INTO \(dialect.quote(name)) (\(target)) SELECT DISTINCT \(sql) FROM \(source) "
                + "WHERE NOT EXISTS (\(there)) AND ",
            " ORDER BY 1 ON CONFLICT (\(target)) DO NOTHING"
        )
    }
}
