import DoubleWrite

/// Which migration took a name away, for the message to whoever still uses it.
struct History {
    private var departures: [TouchedColumn: String] = [:]

    /// Remembers the tables and columns that `migration` renames or drops.
    mutating func note(_ migration: Migration) {
        for operation in migration.operations {
            switch operation {
            case .renameColumn(let rename):
                let column = TouchedColumn(table: rename.table, column: rename.from)
                departures[column] = "'\(migration.name)' renames it to '\(rename.to)'"
            case .dropColumn(let drop):
                let column = TouchedColumn(table: drop.table, column: drop.column)
                departures[column] = "'\(migration.name)' drops it"
            case .dropTable(let drop):
                departures[TouchedColumn(table: drop.table, column: nil)] = "'\(migration.name)' drops it"
            case .renameTable(let rename):
                departures[TouchedColumn(table: rename.table, column: nil)] =
                    "'\(migration.name)' renames it to '\(rename.to)'"
            case .createTable, .addColumn, .createIndex, .dropIndex, .sql, .changeType, .changeColumn,
                .splitColumn, .mergeColumns, .setNotNull, .dropNotNull,
                .setDefault, .dropDefault, .setComment, .addCheck, .addForeignKey, .addUnique, .addPrimaryKey,
                .dropConstraint, .renameConstraint, .replaceIndex, .createEnum, .addEnumValue, .dropEnum,
                .setReplicaIdentity:
                break
            }
        }
    }

    /// What happened to a column that is not there any more.
    func departure(of column: String, from table: TableName) -> String? {
        departures[TouchedColumn(table: table, column: column)]
    }

    /// What happened to a table that is not there any more.
    func departure(of table: TableName) -> String? { departures[TouchedColumn(table: table, column: nil)] }
}
