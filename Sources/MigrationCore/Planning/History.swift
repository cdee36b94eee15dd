import DoubleWrite

/// Which migration took a name away, for the message to whoever still uses it.
struct History {
    private var departures: [TouchedColumn: String] = [:]

    /// Remembers the columns that `migration` renames or drops.
    mutating func note(_ migration: Migration) {
        for operation in migration.operations {
            switch operation {
            case .renameColumn(let rename):
                let column = TouchedColumn(table: rename.table, column: rename.from)
                departures[column] = "'\(migration.name)' renames it to '\(rename.to)'"
            case .dropColumn(let drop):
                let column = TouchedColumn(table: drop.table, column: drop.column)
                departures[column] = "'\(migration.name)' drops it"
            case .moveColumn(let move):
                let column = TouchedColumn(table: move.table, column: move.column)
                departures[column] = "'\(migration.name)' moves it to '\(move.to)' of '\(move.toTable)'"
            case .createTable, .addColumn, .createIndex, .dropIndex, .sql, .dropTable, .renameTable,
                .changeType, .changeColumn, .splitColumn, .mergeColumns, .setNotNull, .dropNotNull,
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
}
