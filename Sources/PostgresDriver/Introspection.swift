public import DoubleWrite
public import MigrationCore

extension PostgresConnection {
    /// Reads tables, and what else in the database uses their columns, from the catalogue.
    ///
    /// The number of statements does not depend on the number of tables. Outside a transaction it reads one
    /// snapshot, in a transaction of its own that is rolled back; inside one it leaves everything as it was.
    ///
    /// - Parameters:
    ///   - names: The tables, those that do not exist being left out; `nil` for all of the user's (not the schemas
    ///     `bellows`, `pg_catalog` and `information_schema`).
    ///   - templates: Whether to tell apart the columns in the texts of CHECKs and of indexes with expressions or
    ///     conditions, which takes a temporary table for each table with such; by default, where tables are named.
    ///     Without it, and in a read-only session, such a text is one segment. With it, a transaction that is open
    ///     already can no longer be prepared (`PREPARE TRANSACTION`).
    /// - Throws: What the server says.
    public func introspect(
        _ names: [TableName]? = nil, templates: Bool? = nil
    ) throws(PostgresError) -> Schema {
        let begins = !isInTransaction
        if begins { _ = try execute("BEGIN ISOLATION LEVEL REPEATABLE READ") }
        do throws(PostgresError) {
            var introspection = Introspection(self)
            try introspection.read(names)
            if templates ?? (names != nil) { try introspection.tellColumnsApart() }
            if begins { _ = try execute("ROLLBACK") }
            return Schema(
                dialect: .postgres, tables: introspection.finished(), enums: introspection.enums,
                hasInvokerViews: introspection.serverVersion(atLeast: 150_000))
        } catch {
            if begins, !isLost { _ = try? execute("ROLLBACK") }
            throw error
        }
    }
}

/// One reading of the catalogue: the tables as far as they are known, by their number in `pg_class`.
///
/// Each part of it adds its facts in a few statements for all tables together.
struct Introspection {
    /// A column, by its number in its table.
    struct Attribute {
        var name: String
        /// The name as the server itself writes it in SQL: in quotes only where it needs them.
        var written: String
    }

    let connection: PostgresConnection
    /// In the order of their names.
    private(set) var order: [Int64] = []
    var tables: [Int64: Table] = [:]
    var attributes: [Int64: [Int64: Attribute]] = [:]
    var enums: [EnumType] = []

    init(_ connection: PostgresConnection) { self.connection = connection }

    mutating func read(_ names: [TableName]?) throws(PostgresError) {
        try readTables(names)
        try readEnums()
        guard !order.isEmpty else { return }
        try readColumns()
        try readSequences()
        try readGrants()
        try readAccess()
        try readConstraints()
        try readIndexes()
        try readSettings()
        try readExtras()
        try readDependents()
        try readObjectsOfPartitions()
        try readTriggersAndFunctions()
        try readReplication()
    }

    func finished() -> [Table] { order.compactMap { tables[$0] } }

    mutating func add(_ number: Int64, _ table: Table) {
        order.append(number)
        tables[number] = table
    }

    /// Runs a statement whose `$1` is the tables' numbers.
    func rows(_ sql: String) throws(PostgresError) -> [CatalogRow] {
        let numbers = "{" + order.map(String.init).joined(separator: ",") + "}"
        return try connection.query(sql, [.text(numbers)]).rows.map(CatalogRow.init)
    }

    /// The names of a table's columns with these numbers, those of the system left out.
    func names(_ table: Int64, _ numbers: [Int64]) -> [String] {
        numbers.compactMap { attributes[table]?[$0]?.name }
    }
}

/// A row of the catalogue, by position.
struct CatalogRow {
    private let values: [SQLValue]

    init(_ values: [SQLValue]) { self.values = values }

    func text(_ column: Int) -> String? { values[column].text }
    func integer(_ column: Int) -> Int64? { values[column].integer }
    func truth(_ column: Int) -> Bool { values[column].boolean ?? false }

    /// An array of texts.
    func texts(_ column: Int) -> [String] { values[column].text.map(ArrayText.decode) ?? [] }

    /// An array of numbers.
    func integers(_ column: Int) -> [Int64] { texts(column).compactMap { Int64($0) } }
}
