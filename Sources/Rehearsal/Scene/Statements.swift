internal import DoubleWrite

/// The SQL of an application that knows nothing of the helper.
enum Statements {
    /// The condition that a row has those values in its key.
    static func condition(_ key: [String], from first: Int, _ dialect: Dialect) -> String {
        key.enumerated().map { "\(dialect.quote($1)) = \(dialect.parameter(first + $0))" }.joined(
            separator: " AND ")
    }

    static func insert(
        _ table: TableName, _ columns: [String], upsertingBy key: [String]? = nil, _ dialect: Dialect
    ) -> String {
        let places = columns.indices.map { dialect.parameter($0 + 1) }.joined(separator: ", ")
        var sql = "INSERT INTO \(dialect.quote(table)) (\(dialect.quote(columns))) VALUES (\(places))"
        if let key {
            let others = columns.filter { !key.contains($0) }
            let sets = others.map { "\(dialect.quote($0)) = excluded.\(dialect.quote($0))" }
            sql += " ON CONFLICT (\(dialect.quote(key))) DO UPDATE SET \(sets.joined(separator: ", "))"
        }
        return sql
    }

    static func update(_ table: TableName, _ columns: [String], key: [String], _ dialect: Dialect) -> String {
        let sets = columns.enumerated().map { "\(dialect.quote($1)) = \(dialect.parameter($0 + 1))" }
        return "UPDATE \(dialect.quote(table)) SET \(sets.joined(separator: ", ")) WHERE "
            + condition(key, from: columns.count + 1, dialect)
    }

    static func delete(_ table: TableName, key: [String], _ dialect: Dialect) -> String {
        "DELETE FROM \(dialect.quote(table)) WHERE \(condition(key, from: 1, dialect))"
    }

    static func select(_ table: TableName, _ columns: [String], key: [String]?, _ dialect: Dialect) -> String
    {
        let query = "SELECT \(dialect.quote(columns)) FROM \(dialect.quote(table))"
        return key.map { "\(query) WHERE \(condition($0, from: 1, dialect))" } ?? query
    }
}
