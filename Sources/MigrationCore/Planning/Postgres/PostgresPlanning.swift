import DoubleWrite

/// Plans operations for PostgreSQL.
struct PostgresPlanning {
    let context: PlanningContext
    let dialect = Dialect.postgres

    func plan(_ operation: Operation, into draft: inout OperationDraft) {
        switch operation {
        case .createTable(let operation): plan(operation, into: &draft)
        case .addColumn(let operation): plan(operation, into: &draft)
        case .dropColumn(let operation): plan(operation, into: &draft)
        case .renameColumn(let operation):
            switch operation.strategy {
            case .copy: planCopy(operation, into: &draft)
            case .inPlace: planInPlace(operation, into: &draft)
            }
        case .createIndex(let operation): plan(operation, into: &draft)
        case .dropIndex(let operation): plan(operation, into: &draft)
        case .dropTable(let operation): plan(operation, into: &draft)
        case .renameTable(let operation): plan(operation, into: &draft)
        case .changeType(let operation): plan(operation, into: &draft)
        case .changeColumn(let operation): plan(operation, into: &draft)
        case .splitColumn(let operation): plan(operation, into: &draft)
        case .mergeColumns(let operation): plan(operation, into: &draft)
        case .moveColumn(let operation): plan(operation, into: &draft)
        case .extractTable(let operation): plan(operation, into: &draft)
        case .setNotNull(let operation): plan(operation, into: &draft)
        case .dropNotNull(let operation): plan(operation, into: &draft)
        case .setDefault(let operation): plan(operation, into: &draft)
        case .dropDefault(let operation): plan(operation, into: &draft)
        case .setComment(let operation): plan(operation, into: &draft)
        case .addCheck(let operation): plan(operation, into: &draft)
        case .addForeignKey(let operation): plan(operation, into: &draft)
        case .addUnique(let operation): plan(operation, into: &draft)
        case .addPrimaryKey(let operation): plan(operation, into: &draft)
        case .dropConstraint(let operation): plan(operation, into: &draft)
        case .renameConstraint(let operation): plan(operation, into: &draft)
        case .replaceIndex(let operation): plan(operation, into: &draft)
        case .createEnum(let operation): plan(operation, into: &draft)
        case .addEnumValue(let operation): plan(operation, into: &draft)
        case .dropEnum(let operation): plan(operation, into: &draft)
        case .setReplicaIdentity(let operation): plan(operation, into: &draft)
        case .sql(let operation): plan(operation, into: &draft)
        }
    }
}

extension Lock {
    /// Keeps everyone out, readers too.
    static func accessExclusive(_ table: TableName, _ duration: String = Lock.moment) -> Lock {
        Lock(mode: "ACCESS EXCLUSIVE", object: table.description, duration: duration)
    }

    /// Keeps writers out, not readers.
    static func shareRowExclusive(_ object: String, _ duration: String = Lock.moment) -> Lock {
        Lock(mode: "SHARE ROW EXCLUSIVE", object: object, duration: duration)
    }

    /// What a new foreign key takes, on both its tables.
    static func foreignKey(from table: TableName, to target: TableName) -> Lock {
        shareRowExclusive(table == target ? "\(table)" : "\(table) and \(target)")
    }

    /// Keeps out only other changes of the schema.
    static func shareUpdateExclusive(_ table: TableName, _ duration: String) -> Lock {
        Lock(mode: "SHARE UPDATE EXCLUSIVE", object: table.description, duration: duration)
    }

    /// What building an index takes: on a partitioned table, whose parts are built on their own, for a moment more.
    static func indexBuild(on table: Table) -> Lock {
        table.kind == .partitioned
            ? Lock(mode: "SHARE", object: table.name.description, duration: Lock.moment)
            : shareUpdateExclusive(table.name, "while the index is built")
    }

    /// What every write takes.
    static func rowExclusive(_ table: TableName) -> Lock {
        Lock(mode: "ROW EXCLUSIVE", object: table.description, duration: "a batch at a time, on its rows")
    }

    /// What every read takes.
    static func accessShare(_ table: TableName) -> Lock {
        Lock(mode: "ACCESS SHARE", object: table.description, duration: "while the rows are counted")
    }
}
