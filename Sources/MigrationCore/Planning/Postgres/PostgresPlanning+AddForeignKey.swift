import DoubleWrite

/// `add_foreign_key`, in PostgreSQL: NOT VALID, then validated beside the writers.
extension PostgresPlanning {
    func plan(_ operation: AddForeignKey, into draft: inout OperationDraft) {
        draft.touch(operation.table, operation.columns, dialect)
        guard let table = context.table(operation.table, into: &draft) else { return }
        context.checkFreeConstraint(operation.name, in: table, path: "name", into: &draft)
        refuse(
            kinds: [.partitioned, .foreign, .virtual], of: table,
            "to which no foreign key can be added beside writers", into: &draft)
        guard let columns = context.columns(operation.columns, of: table, path: "columns", into: &draft),
            let target = context.target(of: operation, from: table, into: &draft)
        else { return }
        draft.touch(target.table.name, target.columns, dialect)
        warn(columns, target.table, target.columns, into: &draft)
        if let statements = PostgresProbe(of: table, in: context.schema)?.reference(
            "(\(dialect.quote(operation.columns)))", operation.target, in: context.schema)
        {
            draft.probe(
                "columns", "the foreign key '\(operation.name)'", statements,
                advice: "give the columns of both sides types that can be compared (change_type)")
        }
        if !table.hasIndex(on: operation.columns) {
            draft.warnings.append(
                "No index of '\(table.name)' begins with \(operation.columns.words): whoever deletes a row of "
                    + "'\(target.table.name)' reads all of '\(table.name)' for it. Create one first (create_index)."
            )
        }
        let demand = NewDemand.reference(
            operation.columns, of: table, at: operation.target, target.columns, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let key = ForeignKey(name: operation.name, columns: operation.columns, target: operation.target)
        addNotValid(
            "foreign-key", operation.name, PostgresCarrying.originals.addition(key), on: table.name,
            lock: .foreignKey(from: table.name, to: target.table.name),
            dropLock: lock(dropping: .foreignKey(key), of: table.name), into: &draft)
    }

    /// Types that differ are compared by way of a conversion, by each look into the other table.
    private func warn(
        _ columns: [Column], _ target: Table, _ names: [String], into draft: inout OperationDraft
    ) {
        for (column, name) in zip(columns, names) {
            guard let other = target.column(name), !PostgresType.isSame(column.type, other.type) else {
                continue
            }
            draft.warnings.append(
                "'\(column.name)' is \(column.type) and '\(name)' of '\(target.name)' is \(other.type): values of one that "
                    + "the other cannot hold can never be pointed at. Give them the same type.")
        }
    }
}

/// Types by their names.
enum PostgresType {
    /// Whether two spellings mean the same type, lengths included.
    static func isSame(_ left: String, _ right: String) -> Bool { canonical(left) == canonical(right) }

    private static func canonical(_ type: String) -> String {
        let words = type.lowercased().split(separator: " ").joined(separator: " ")
        let name = words.prefix { $0 != "(" }
        let rest = words.dropFirst(name.count)
        let trimmed = name.split(separator: " ").joined(separator: " ")
        return (aliases[trimmed] ?? trimmed) + rest.filter { $0 != " " }
    }

    private static let aliases = [
        "int": "integer", "int4": "integer", "serial": "integer", "int8": "bigint", "bigserial": "bigint",
        "int2": "smallint", "smallserial": "smallint", "varchar": "character varying", "bool": "boolean",
        "timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
        "decimal": "numeric", "float8": "double precision", "float4": "real", "char": "character",
    ]
}
