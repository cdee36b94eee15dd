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
            case .moveColumn(let move):
                let column = TouchedColumn(table: move.table, column: move.column)
                departures[column] = "'\(migration.name)' moves it to '\(move.to)' of '\(move.toTable)'"
            case .extractTable(let extract):
                let column = TouchedColumn(table: extract.table, column: extract.column)
                departures[column] =
                    "'\(migration.name)' puts '\(extract.reference)' in its place, which points at '\(extract.into)'"
            case .changeColumn(let change):
                guard change.from != change.to else { continue }
                let column = TouchedColumn(table: change.table, column: change.from)
                departures[column] = "'\(migration.name)' changes it to '\(change.to)'"
            case .splitColumn(let split):
                let names = split.to.map { "'\($0.definition.name)'" }.joined(separator: ", ")
                let column = TouchedColumn(table: split.table, column: split.from)
                departures[column] = "'\(migration.name)' splits it into \(names)"
            case .mergeColumns(let merge):
                for merged in merge.from {
                    let column = TouchedColumn(table: merge.table, column: merged.name)
                    departures[column] = "'\(migration.name)' merges it into '\(merge.to.definition.name)'"
                }
            case .sql(let statements):
                for use in statements.drops {
                    let names = use.columns.isEmpty ? [String?.none] : use.columns.map(Optional.some)
                    for name in names {
                        departures[TouchedColumn(table: use.table, column: name)] =
                            "the statements of '\(migration.name)' drop it"
                    }
                }
            case .createTable, .addColumn, .createIndex, .dropIndex, .changeType, .setNotNull, .dropNotNull,
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
