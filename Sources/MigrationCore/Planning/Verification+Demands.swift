import DoubleWrite

/// What a constraint demands of every row, as invariants that can be counted before the database insists on it.
extension Verification.Invariant {
    /// No NULL in a column.
    static func notNull(_ column: String, _ dialect: Dialect) -> Verification.Invariant {
        Verification.Invariant(name: "\(column) is not NULL", violation: "\(dialect.quote(column)) IS NULL")
    }

    /// A CHECK, which a row breaks by FALSE and not by NULL.
    static func check(_ name: String, _ condition: String) -> Verification.Invariant {
        Verification.Invariant(name: "CHECK '\(name)'", violation: "\(condition.parenthesized) IS FALSE")
    }

    /// No two rows with the same values. A row with a NULL among them is like no other, unless `nullsAreAlike`.
    static func unique(
        _ columns: [String], of table: TableName, nullsAreAlike: Bool = false, _ dialect: Dialect
    ) -> Verification.Invariant {
        let list = dialect.quote(columns)
        // A comparison with NULL is never true, so NULLs that are alike stand beside a text.
        let values =
            nullsAreAlike
            ? columns.map(dialect.quote).map { "coalesce(CAST(\($0) AS text), ''), \($0) IS NULL" }
                .joined(separator: ", ") : list
        return Verification.Invariant(
            name: "\(columns.joined(separator: ", ")) \(columns.count == 1 ? "is" : "are") unique",
            violation: "(\(values)) IN (SELECT \(values) FROM \(dialect.quote(table)) GROUP BY \(list) "
                + "HAVING count(*) > 1)")
    }

    /// No two rows with the same keys of an index, among those that meet its condition.
    static func unique(_ index: CreateIndex, of table: TableName, _ dialect: Dialect)
        -> Verification.Invariant
    {
        let keys = index.keys.map { key in
            switch key.content {
            case .column(let name): dialect.quote(name)
            case .expression(let text): (text[dialect] ?? "NULL").parenthesized
            }
        }
        let condition = index.condition?[dialect].map(\.parenthesized)
        return Verification.Invariant(
            name: "'\(index.name)' is unique",
            violation: shared(keys, of: table, among: condition, dialect))
    }

    /// SQL that is true for a row whose values another row has as well, among the rows that meet a condition.
    static func shared(
        _ values: [String], of table: TableName, among condition: String? = nil, _ dialect: Dialect
    ) -> String {
        let list = values.joined(separator: ", ")
        let places = values.indices.map { String($0 + 1) }.joined(separator: ", ")
        let chosen = condition.map { " WHERE \($0)" } ?? ""
        let again =
            "(\(list)) IN (SELECT \(list) FROM \(dialect.quote(table))\(chosen) GROUP BY \(places) HAVING count(*) > 1)"
        return condition.map { "\($0) AND \(again)" } ?? again
    }

    /// A row that is pointed at. One with a NULL among its columns points at nothing, and may.
    static func pointsAtRow(
        _ columns: [String], of table: TableName, at target: TableName, _ targetColumns: [String],
        _ dialect: Dialect
    ) -> Verification.Invariant {
        let parent = dialect.quote("_bellows_parent")
        let own = columns.map { "\(dialect.quote(table)).\(dialect.quote($0))" }
        let given = own.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let same = zip(targetColumns, own).map { "\(parent).\(dialect.quote($0)) = \($1)" }
        return Verification.Invariant(
            name:
                "\(columns.joined(separator: ", ")) \(columns.count == 1 ? "points" : "point") at a row of '\(target)'",
            violation: "\(given) AND NOT EXISTS (SELECT 1 FROM \(dialect.quote(target)) AS \(parent) "
                + "WHERE \(same.joined(separator: " AND ")))")
    }
}

extension Table {
    /// What a sample of rows shows: by which key they are known, and the columns in question.
    func sample(_ columns: [String]) -> [String] {
        let shown = primaryKey + columns.filter { !primaryKey.contains($0) }
        return shown.isEmpty ? self.columns.map(\.name) : shown
    }
}
