import DoubleWrite

/// How finished operations on whole tables and on types change the schema.
extension Schema {
    mutating func apply(_ operation: DropTable) { self[operation.table] = nil }

    mutating func apply(_ operation: RenameTable) {
        let new = dialect.normalized(TableName(schema: operation.table.schema, operation.to))
        guard let table = self[operation.table], self[new] == nil else { return }
        let old = table.name
        for index in tables.indices {
            if dialect.sameTable(tables[index].name, old) { tables[index].name = new }
            for key in tables[index].foreignKeys.indices
            where dialect.sameTable(tables[index].foreignKeys[key].target.table, old) {
                tables[index].foreignKeys[key].target.table = new
            }
        }
    }

    mutating func apply(_ operation: SetReplicaIdentity) {
        self[operation.table]?.replicaIdentity =
            operation.identity == .primaryKey ? nil : operation.identity
    }
}

extension Schema {
    mutating func apply(_ operation: CreateEnum) {
        guard dialect == .postgres, enumType(operation.name) == nil else { return }
        enums.append(
            EnumType(name: dialect.normalized(operation.name), labels: operation.values, isPlanned: true))
    }

    mutating func apply(_ operation: AddEnumValue) {
        guard let index = enums.firstIndex(where: { dialect.sameTable($0.name, operation.name) }),
            !enums[index].labels.contains(operation.value)
        else { return }
        let labels = enums[index].labels
        let place =
            switch operation.place {
            case .before(let label): labels.firstIndex(of: label)
            case .after(let label): labels.firstIndex(of: label).map { $0 + 1 }
            case nil: labels.count
            }
        guard let place else { return }
        enums[index].labels.insert(operation.value, at: place)
    }

    mutating func apply(_ operation: DropEnum) {
        enums.removeAll { dialect.sameTable($0.name, operation.name) }
    }
}
