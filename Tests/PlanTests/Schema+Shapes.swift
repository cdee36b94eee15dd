import MigrationCore

extension Schema {
    /// What can be told from files alone: the server writes types and expressions in its own way.
    var shapes: Set<String> {
        var shapes = Set(enums.map { "type \($0.name) \($0.labels)" })
        for table in tables {
            shapes.insert("\(table.name) key \(table.primaryKey) \(table.primaryKeyName ?? "")")
            shapes.insert("\(table.name) comment \(table.comment ?? "")")
            shapes.insert("\(table.name) identity \(table.replicaIdentity.map { "\($0)" } ?? "")")
            for column in table.columns {
                shapes.insert(
                    "\(table.name).\(column.name) \(column.isNullable) \(column.defaultValue != nil) "
                        + "\(column.ownedSequence?.replacing("\"", with: "") ?? "") \(column.comment ?? "")")
            }
            for unique in table.uniqueConstraints {
                shapes.insert("\(table.name) unique \(unique.name ?? "") \(unique.columns)")
            }
            for check in table.checks {
                shapes.insert("\(table.name) check \(check.name ?? "") \(check.columns.sorted())")
            }
            shapes.formUnion(keyShapes(of: table))
            for index in table.indexes {
                shapes.insert(
                    "\(table.name) index \(index.name) \(index.isUnique) \(index.columns.sorted()) \(index.isSimple)"
                )
            }
        }
        return shapes
    }

    private func keyShapes(of table: Table) -> [String] {
        table.foreignKeys.map { key in
            let target =
                key.target.columns.isEmpty ? (self[key.target.table]?.primaryKey ?? []) : key.target.columns
            return "\(table.name) key \(key.name ?? "") \(key.columns) \(key.target.table) \(target) "
                + "\(key.target.onDelete) \(key.target.onUpdate)"
        }
    }
}
