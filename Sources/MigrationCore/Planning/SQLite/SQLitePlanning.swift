import DoubleWrite

/// Plans operations for SQLite.
struct SQLitePlanning {
    let context: PlanningContext
    let dialect = Dialect.sqlite

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
    /// The one write lock of a SQLite file.
    static func reserved(_ duration: String = Lock.moment) -> Lock {
        Lock(mode: "RESERVED", object: "the database file", duration: duration)
    }
}

extension Table {
    /// The names by which SQLite addresses the table's rows in order, or `nil` where it offers none.
    ///
    /// A column that is named `rowid` hides the row's address under that name
    /// (<https://www.sqlite.org/rowidtable.html>).
    var sqliteKey: [String]? {
        if isWithoutRowID { return primaryKey }
        if let alias = integerPrimaryKey { return [alias] }
        let taken = Set(columns.map(\.name.asciiFolded))
        if let free = ["rowid", "_rowid_", "oid"].first(where: { !taken.contains($0) }) { return [free] }
        return primaryKey.isEmpty ? nil : primaryKey
    }

    /// The column that is the rowid under another name: `INTEGER PRIMARY KEY`.
    private var integerPrimaryKey: String? {
        guard primaryKey.count == 1, let key = column(primaryKey[0]), key.type.asciiFolded == "integer"
        else { return nil }
        return key.name
    }
}
