/// A user's SQL expression, said of values that stand under other names, or of no row at all.
///
/// The expression's text is never edited: replacing `id` inside of it would corrupt `paid`. Instead it is put into a
/// scope in which the names that it uses mean what they should:
///
///     (SELECT (<expression>) FROM (SELECT $1 AS "given_name", t."family" AS "family_name") AS "row")
public enum ScopedExpression {
    /// The expression as a sub-select over one row.
    ///
    /// - Parameters:
    ///   - expression: The user's SQL, as it stands in the file or in the declaration.
    ///   - names: The names that it may use, each with the SQL of what it means here.
    public static func sql(
        _ expression: String, over names: [(name: String, sql: String)], _ dialect: Dialect
    ) -> String {
        let columns = names.map { "\($0.sql) AS \(dialect.quote($0.name))" }.joined(separator: ", ")
        return "(SELECT \(parenthesized(expression)) FROM (SELECT \(columns)) AS \(dialect.quote("row")))"
    }

    /// The expression in parentheses. A comment at its end does not swallow the closing one.
    public static func parenthesized(_ expression: String) -> String {
        expression.contains("--") ? "(\(expression)\n)" : "(\(expression))"
    }
}
