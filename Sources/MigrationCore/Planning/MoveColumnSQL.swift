import DoubleWrite

/// The pieces of SQL that say how the rows of two tables belong together, and where they disagree.
///
/// Every column stands with its table's whole name: the two tables may have columns of the same name, and an alias could
/// be the other table's name.
struct MoveColumnSQL {
    let operation: MoveColumn
    let dialect: Dialect
    /// Whether the moved column's own `=` means identity.
    let isExact: Bool

    var source: String { dialect.quote(operation.table) }
    var target: String { dialect.quote(operation.toTable) }
    var old: String { "\(source).\(dialect.quote(operation.column))" }
    var new: String { "\(target).\(dialect.quote(operation.to))" }
    var sourceKey: [String] { operation.join.map(\.source) }
    var targetKey: [String] { operation.join.map(\.target) }

    /// True for a row of each table that belong together.
    private var joined: String {
        operation.join.map { pair in
            "\(target).\(dialect.quote(pair.target)) = \(source).\(dialect.quote(pair.source))"
        }.joined(separator: " AND ")
    }

    private var same: String { "NOT (\(dialect.differs(new, old, isExact: isExact)))" }

    /// Of a row of the source: its value does not stand in its row of the target.
    ///
    /// No row there is the same as a row with NULL.
    var staleSource: String {
        "(\(old) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \(target) WHERE \(joined) AND \(same)) "
            + "OR \(old) IS NULL AND EXISTS (SELECT 1 FROM \(target) WHERE \(joined) AND \(new) IS NOT NULL))"
    }

    /// Of a row of the source: it has a value that its row of the target has not.
    var missingInTarget: String {
        "\(old) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \(target) WHERE \(joined) AND \(same))"
    }

    /// Of a row of the target: it has a value that its row of the source has not, or has no row there.
    var missingInSource: String {
        "\(new) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \(source) WHERE \(joined) AND \(same))"
    }

    /// From the old column to the new one, with the row where it is missing. A row that is there and was emptied is not
    /// made anew: it may have been deleted meanwhile.
    var forward: BatchWrites {
        let columns = dialect.quote(targetKey + [operation.to])
        let values = dialect.quote(sourceKey + [operation.column])
        let excluded = "excluded.\(dialect.quote(operation.to))"
        let quotedTo = dialect.quote(operation.to)
        let row = tuple(targetKey)
        return BatchWrites(
            [
                BatchWrites.Statement(
                    // The alias keeps a table that is named `excluded` apart from what was not inserted.
                    "INSERT INTO \(target) AS t (\(columns)) SELECT \(values) FROM \(source) "
                        + "WHERE \(dialect.quote(operation.column)) IS NOT NULL AND ",
                    " ON CONFLICT (\(dialect.quote(targetKey))) DO UPDATE SET \(quotedTo) = \(excluded) "
                        + "WHERE \(dialect.differs("t.\(quotedTo)", excluded, isExact: isExact))"),
                BatchWrites.Statement(
                    "UPDATE \(target) SET \(quotedTo) = NULL WHERE \(quotedTo) IS NOT NULL AND \(row) IN "
                        + "(SELECT \(dialect.quote(sourceKey)) FROM \(source) "
                        + "WHERE \(dialect.quote(operation.column)) IS NULL AND ",
                    ")"),
            ], lock: "FOR SHARE")
    }

    /// From the new column back to the old one.
    var reverse: BatchWrites {
        BatchWrites(
            [
                BatchWrites.Statement(
                    "UPDATE \(source) SET \(dialect.quote(operation.column)) = "
                        + "(SELECT \(new) FROM \(target) WHERE \(joined)) WHERE ")
            ], lock: "FOR NO KEY UPDATE")
    }

    private func tuple(_ names: [String]) -> String {
        names.count == 1 ? dialect.quote(names) : "(\(dialect.quote(names)))"
    }
}
