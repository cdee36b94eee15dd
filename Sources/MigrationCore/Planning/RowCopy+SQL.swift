import DoubleWrite

/// What a row's copy must be: the same by bytes and storage class, and there on both sides.
extension RowCopy {
    /// SQL that is true where the rows under two aliases are not identical, or one of them is missing.
    private func mismatch(_ left: String, _ right: String) -> String {
        let dialect = Dialect.sqlite
        let values = columns.map { name in
            dialect.differs("\(left).\(dialect.quote(name))", "\(right).\(dialect.quote(name))")
        }
        let missing = "(\(left).\(quotedKey[0]) IS NULL) IS NOT (\(right).\(quotedKey[0]) IS NULL)"
        return ([missing] + values).joined(separator: " OR ")
    }

    /// A count of the rows that are missing on either side or differ, in one statement and so in one snapshot.
    ///
    /// - Parameter range: A condition on the key's columns; `nil` for the whole table.
    public func differences(in range: String?) -> String {
        let list = Dialect.sqlite.quote(columns)
        let condition = range.map { " WHERE \($0)" } ?? ""
        return """
            SELECT (SELECT count(*) FROM (SELECT \(list) FROM \(quotedTable)\(condition)) AS a \
            LEFT JOIN \(quotedShadow) AS b ON \(joined("b", "a")) WHERE \(mismatch("a", "b"))) \
            + (SELECT count(*) FROM (SELECT \(list) FROM \(quotedShadow)\(condition)) AS b \
            WHERE NOT EXISTS (SELECT 1 FROM \(quotedTable) AS a WHERE \(joined("a", "b"))))
            """
    }

    /// The same count among the keys that were written since the rows were compared.
    public var differencesAmongWritten: String { differencesAmongWritten(first: nil) }

    /// The same count among the first of those keys.
    public func differencesAmongWritten(first limit: Int?) -> String {
        """
        SELECT count(*) FROM \(limit.map(firstWritten) ?? quotedWritten) AS k \
        LEFT JOIN \(quotedTable) AS a ON \(joined("a", "k")) LEFT JOIN \(quotedShadow) AS b ON \(joined("b", "k")) \
        WHERE \(mismatch("a", "b"))
        """
    }

    /// Forgets the first of those keys.
    public func forgetting(first limit: Int) -> String {
        let list = quotedKey.joined(separator: ", ")
        return "DELETE FROM \(quotedWritten) WHERE (\(list)) IN \(firstWritten(limit))"
    }

    private func firstWritten(_ limit: Int) -> String {
        let list = quotedKey.joined(separator: ", ")
        return "(SELECT \(list) FROM \(quotedWritten) ORDER BY \(list) LIMIT \(limit))"
    }

    /// Copies the rows of a range that the triggers have not copied already.
    public func insertion(_ range: String) -> String {
        let list = Dialect.sqlite.quote(columns)
        return """
            INSERT INTO \(quotedShadow) (\(list)) SELECT \(list) FROM \(quotedTable) WHERE (\(range)) \
            AND NOT EXISTS (SELECT 1 FROM \(quotedShadow) AS b WHERE \(joined("b", quotedTable)))
            """
    }

    var exampleStatement: String { insertion(Self.exampleRange(of: key)) }

    static func exampleRange(of key: [String]) -> String {
        let dialect = Dialect.sqlite
        let low = (1...key.count).map(dialect.parameter).joined(separator: ", ")
        let high = (1...key.count).map { dialect.parameter($0 + key.count) }.joined(separator: ", ")
        return "(\(dialect.quote(key))) > (\(low)) AND (\(dialect.quote(key))) <= (\(high))"
    }

    /// `a.key = b.key`, for every column of the key.
    func joined(_ left: String, _ right: String) -> String {
        quotedKey.map { "\(left).\($0) = \(right).\($0)" }.joined(separator: " AND ")
    }

    var quotedKey: [String] { key.map { Dialect.sqlite.quote($0) } }
    var quotedTable: String { Dialect.sqlite.quote(table.name) }
    var quotedShadow: String { Dialect.sqlite.quote(shadow) }
    var quotedWritten: String { Dialect.sqlite.quote(written) }
    var quotedReplaced: String? { replaced.map { Dialect.sqlite.quote($0) } }
}

extension RetiredRows {
    var exampleStatement: String { deletion(RowCopy.exampleRange(of: key)) }
}
