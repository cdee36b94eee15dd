/// What a database answered to one statement.
public struct ResultSet: Sendable, Hashable {
    /// The names of the columns, empty for a statement that returns no rows.
    public var columns: [String]

    /// The rows, each with as many values as there are columns.
    public var rows: [[SQLValue]]

    /// How many rows the statement inserted, updated or deleted; for a query, how many it returned.
    public var affectedRows: Int

    /// An answer of these parts.
    public init(columns: [String] = [], rows: [[SQLValue]] = [], affectedRows: Int = 0) {
        self.columns = columns
        self.rows = rows
        self.affectedRows = affectedRows
    }
}

extension ResultSet {
    /// The first value of the first row, where there is one.
    public var scalar: SQLValue? { rows.first?.first }
}
