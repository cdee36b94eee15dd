/// Where the recorded stage of every change stands: `bellows.stages` in PostgreSQL, `bellows_stages` in SQLite.
///
/// Columns: `change` (text, primary key), `stage` (text, a ``Stage``), `epoch` (64-bit integer that every flip
/// advances by one), `generation` (how often the change was expanded).
public enum StageTable {
    /// The table's name as this dialect's SQL.
    public static func name(_ dialect: Dialect) -> String {
        dialect.quote(tableName(dialect))
    }

    /// The table's name.
    public static func tableName(_ dialect: Dialect) -> TableName {
        switch dialect {
        case .postgres: TableName(schema: "bellows", "stages")
        case .sqlite: TableName("bellows_stages")
        }
    }
}
