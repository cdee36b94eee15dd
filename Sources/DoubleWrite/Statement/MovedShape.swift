/// How the two tables of a moving column are read and written in one state of the database.
///
/// Inside of a statement the source is called `s` and the target `t`, and every column stands behind one of them, so that
/// names of the tables' own mean nothing.
struct MovedShape: Sendable, Hashable {
    let table: TableDeclaration
    let moved: MovedColumn
    let state: ColumnState
    let dialect: Dialect

    var source: String { dialect.quote(moved.source) }
    var target: String { dialect.quote(table.name) }
    var old: String { dialect.quote(moved.sourceColumn) }
    var new: String { dialect.quote(moved.column) }
    var sourceKey: [String] { moved.join.map { dialect.quote($0.source) } }
    var targetKey: [String] { moved.join.map { dialect.quote($0.target) } }

    /// Whether a row that only the source has is a row of the target to the application: until all have been inserted.
    var hasUnseenRows: Bool { state == .missing || state == .both }

    /// Whether the target has the column.
    var hasNew: Bool { state != .missing }

    var joined: String {
        zip(targetKey, sourceKey).map { "t.\($0) = s.\($1)" }.joined(separator: " AND ")
    }

    private var value: String { state.truth == .old ? "s.\(old)" : "t.\(new)" }

    /// What a column is called in a row that both tables have, or that the target has.
    var real: [String: String] {
        var names: [String: String] = [:]
        for column in table.columns { names[column.name] = "t.\(dialect.quote(column.name))" }
        names[moved.column] = value
        return names
    }

    /// What a column is called in a row that only the source has: it has NULL where only the target knows.
    var unseen: [String: String] {
        var names: [String: String] = [:]
        for column in table.columns {
            names[column.name] =
                switch dialect {
                case .postgres: "CAST(NULL AS \(column.type))"
                case .sqlite: "NULL"
                }
        }
        for pair in moved.join { names[pair.target] = "s.\(dialect.quote(pair.source))" }
        names[moved.column] = "s.\(old)"
        return names
    }

    /// The condition on a row of the source that the target lacks it.
    var isUnseen: String {
        "s.\(old) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \(target) AS t WHERE \(joined))"
    }

    /// The table in its new shape, to be read from: it stands in a `FROM`.
    var readSource: String {
        guard hasUnseenRows else { return target }
        func list(_ names: [String: String]) -> String {
            table.columns.map { "\(names[$0.name] ?? "") AS \(dialect.quote($0.name))" }.joined(
                separator: ", ")
        }
        return "(SELECT \(list(real)) FROM \(target) AS t LEFT JOIN \(source) AS s ON \(joined) "
            + "UNION ALL SELECT \(list(unseen)) FROM \(source) AS s WHERE \(isUnseen)) "
            + "AS \(dialect.quote(table.name.name))"
    }

    /// What the columns of ``readSource`` stand behind.
    var readQualifier: String {
        hasUnseenRows ? dialect.quote(table.name.name) + "." : target + "."
    }
}
