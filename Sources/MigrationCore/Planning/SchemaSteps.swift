import DoubleWrite

extension Action {
    /// Statements in one transaction, with the flip that belongs to them.
    static func statements(on table: TableName?, _ statements: [String], flip: StageFlip? = nil) -> Action {
        .schema(SchemaChange(table: table, statements: statements, flip: flip))
    }
}

extension String {
    /// The expression in parentheses. A comment at its end does not swallow the closing one.
    var parenthesized: String { contains("--") ? "(\(self)\n)" : "(\(self))" }
}

extension Lock {
    static let moment = "for a moment"
}
