import DoubleWrite

/// Asks the database about a piece of the user's SQL, in a temporary table that has a table's columns and no rows.
struct PostgresProbe {
    private let create: String
    private let dialect = Dialect.postgres

    /// The probe's table, as SQL.
    static let table = "pg_temp.\"_bellows_probe\""

    /// A scope with the columns of `table`; `nil` where the database may not know a type yet, which an earlier operation
    /// makes.
    init?(of table: Table, in schema: Schema) {
        let planned = schema.enums.filter(\.isPlanned).map(\.name.name)
        guard table.columns.allSatisfy({ column in !planned.contains { column.type.mentions($0) } }) else {
            return nil
        }
        let columns = table.columns.map { column in
            let collation = column.collation.map { " COLLATE \($0)" } ?? ""
            return "\(Dialect.postgres.quote(column.name)) \(column.type)\(collation)"
        }
        create = "CREATE TEMPORARY TABLE \"_bellows_probe\" (\(columns.joined(separator: ", ")))"
    }

    /// The scratch table, and more statements about it.
    func with(_ statements: String...) -> [String] { [create] + statements }

    /// The statements that say whether a condition can be a CHECK of the table.
    func check(_ condition: String) -> [String] {
        [create, "ALTER TABLE \(Self.table) ADD CHECK \(condition.parenthesized)"]
    }

    /// The statements that say whether an expression can be the default of a column.
    func defaultValue(_ expression: String, of column: String) -> [String] {
        let value = PostgresDefault.isConstant(expression) ? expression : expression.parenthesized
        return [
            create, "ALTER TABLE \(Self.table) ALTER COLUMN \(dialect.quote(column)) SET DEFAULT \(value)",
        ]
    }

    /// The statements that say whether something can be the key of an index, or its condition.
    func index(_ key: String, where condition: String? = nil) -> [String] {
        let rest = condition.map { " WHERE \($0.parenthesized)" } ?? ""
        return [create, "CREATE INDEX ON \(Self.table) (\(key.parenthesized))\(rest)"]
    }

    /// The statements that say whether an expression over the row can be a column's value.
    func value(_ expression: String, of column: String) -> [String] {
        [create, "UPDATE \(Self.table) SET \(dialect.quote(column)) = \(expression.parenthesized)"]
    }
}
