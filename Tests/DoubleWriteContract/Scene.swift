package import DoubleWrite

/// Two tables with the same rows: one in which a column is being renamed, and its twin, which has had the new shape
/// all along and is the oracle.
package struct Scene {
    package let database: any ContractDatabase
    package let table: TableDeclaration
    package let twin: TableDeclaration
    package let name: String
    package let changed: String
    package let defaultValue: String?

    package var change: DeclaredChange { table.changes[0] }

    /// Makes the tables, in the old shape and in the new one.
    package init(
        _ database: any ContractDatabase, table: String = "animals", name: String = "name",
        old: String = "kind",
        new: String = "species", defaultValue: String? = "'unknown'"
    ) throws {
        self.database = database
        self.name = name
        self.changed = new
        self.defaultValue = defaultValue
        let dialect = database.dialect
        let columns: KeyValuePairs = ["id": "bigint", name: "text", new: "text"]
        self.table = TableDeclaration(
            TableName(table), columns: columns, key: ["id"], changes: [.renameColumn(from: old, to: new)])
        self.twin = TableDeclaration(
            TableName(dialect.shortened("twin of " + table)), columns: columns, key: ["id"])
        let clause = defaultValue.map { " DEFAULT \($0)" } ?? ""
        for (declaration, column) in [(self.table, old), (self.twin, new)] {
            _ = try database.engine(
                """
                CREATE TABLE \(dialect.quote(declaration.name)) (id \(database.numberedKey), \
                \(dialect.quote(name)) text, \(dialect.quote(column)) text\(clause))
                """)
            for row in Errand.seed {
                let values = row.map { $0.text.map(dialect.literal) ?? $0.integer.map { "\($0)" } ?? "NULL" }
                _ = try database.engine(
                    "INSERT INTO \(dialect.quote(declaration.name)) VALUES (\(values.joined(separator: ", ")))"
                )
            }
        }
    }

    package func expand() throws {
        try database.expand(change, of: table.name, default: defaultValue)
    }

    package func advance(to station: Station) throws {
        try database.advance(change, of: table.name, default: defaultValue, to: station)
    }

    /// Does the same to both tables.
    ///
    /// - Returns: What differs afterwards, in the answers or in the rows.
    ///   An unfinished backfill leaves the column that is not the truth out of it.
    package func run(_ errand: Errand, isBackfilled: Bool = true) throws -> [String] {
        let answer = try database.helper.run(errand.request(table, name, changed))
        let expected = try database.helper.run(errand.request(twin, name, changed))
        return compare(answer, expected, errand)
            + (try differences(after: errand, isBackfilled: isBackfilled))
    }

    /// What differs between two answers.
    package func compare(_ answer: ResultSet, _ expected: ResultSet, _ errand: Errand) -> [String] {
        // Rows that a write gives back come in any order.
        func sorted(_ answer: ResultSet) -> [String] { answer.rows.map { "\($0)" }.sorted() }
        let isSame = answer.columns == expected.columns && answer.affectedRows == expected.affectedRows
        let isInOrder = answer.rows == expected.rows || errand.isWrite && sorted(answer) == sorted(expected)
        return isSame && isInOrder ? [] : ["\(errand): answered \(answer), not \(expected)"]
    }

    /// What differs between the tables' rows, seen through the helper and without it.
    package func differences(after errand: Errand, isBackfilled: Bool = true) throws -> [String] {
        var found: [String] = []
        let expected = try rows("id", name, changed, of: twin)
        let seen = try database.helper.run(.select(from: table, orderBy: [.ascending("id")])).rows
        if seen != expected { found.append("\(errand): the helper sees \(seen), not \(expected)") }
        for column in try truths().prefix(isBackfilled ? 2 : 1) {
            let stored = try rows("id", name, column, of: table)
            if stored != expected { found.append("\(errand): '\(column)' holds \(stored), not \(expected)") }
        }
        return found
    }

    /// The columns that must hold the value now.
    package func truths() throws -> [String] {
        let dialect = database.dialect
        let present = try database.engine("SELECT * FROM \(dialect.quote(table.name)) LIMIT 0").columns
        guard present.contains(change.newColumn) else { return [change.oldColumn] }
        guard present.contains(change.oldColumn) else { return [change.newColumn] }
        let stage = try database.engine(
            "SELECT stage FROM \(StageTable.name(dialect)) WHERE change = \(dialect.literal(change.id.name))")
        return stage.scalar == "new" ? [change.newColumn] : [change.oldColumn, change.newColumn]
    }

    package func rows(_ columns: String..., of table: TableDeclaration) throws -> [[SQLValue]] {
        let dialect = database.dialect
        let sql =
            "SELECT \(dialect.quote(columns)) FROM \(dialect.quote(table.name)) ORDER BY \(dialect.quote("id"))"
        return try database.engine(sql).rows
    }
}
