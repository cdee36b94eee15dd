import DoubleWrite

/// What every rename is checked for, whatever the dialect and the strategy.
extension PlanningContext {
    func checkNames(_ operation: RenameColumn, in table: Table, into draft: inout OperationDraft) {
        checkColumnName(operation.to, path: "to", into: &draft)
        checkRowAddress(operation.to, in: table, path: "to", into: &draft)
        warnOfSchema(
            in: operation.table, operation.changeID, named: operation.change, into: &draft)
        checkChange(operation.changeID, into: &draft)
        if operation.from == operation.to {
            draft.refuse("to", "'\(operation.to)' is the column's name already; nothing would be renamed")
        } else if dialect.sameName(operation.from, operation.to), operation.strategy == .copy {
            draft.refuse(
                "to",
                "'\(operation.from)' and '\(operation.to)' are the same name to the database, so both cannot stand in "
                    + "one table; \(Self.inPlace)")
        } else {
            let others = operation.strategy == .inPlace ? table.without(operation.from) : table
            checkFree(operation.to, in: others, path: "to", into: &draft)
        }
        if operation.strategy == .copy {
            checkRetiredName(of: operation.from, in: table, path: "from", into: &draft)
        }
    }

    /// A column of such a name hides the address by which SQLite's rows are found, for the backfill and for everyone.
    func checkRowAddress(_ name: String, in table: Table, path: String, into draft: inout OperationDraft) {
        guard dialect == .sqlite, !table.isWithoutRowID,
            ["rowid", "_rowid_", "oid"].contains(name.asciiFolded)
        else { return }
        draft.refuse(
            path,
            "'\(name)' is a name by which SQLite finds the rows of '\(table.name)', and a column would hide it; choose "
                + "another name")
    }

    /// The change's name is made of the table's as it is written, and the applications have to say the same.
    func warnOfSchema(
        in table: TableName, _ id: ChangeID, named name: String?, into draft: inout OperationDraft
    ) {
        guard name == nil, let schema = table.schema, schema == dialect.defaultSchema else { return }
        draft.warnings.append(
            "The change is named '\(id)', with the schema '\(schema)' that could be left out. Applications "
                + "have to declare it under just that name, or they will never see its stage.")
    }

    /// Notes what a rename touches: both names, and every column that shares an index or a constraint with the old one,
    /// for these are made anew or renamed with it.
    func touch(_ operation: RenameColumn, into draft: inout OperationDraft) {
        let shared = schema[operation.table]?.columnsBeside(operation.from) ?? []
        for column in [operation.from, operation.to] + shared.sorted() {
            draft.touches.append(TouchedColumn(table: dialect.normalized(operation.table), column: column))
        }
    }

    /// Notes a problem where the hidden name that `column` is to get is taken.
    func checkRetiredName(of column: String, in table: Table, path: String, into draft: inout OperationDraft)
    {
        let retired = dialect.retiredName(of: column)
        guard table.columns.contains(where: { dialect.sameName($0.name, retired) }) else { return }
        draft.refuse(
            path,
            "'\(table.name)' still has a column '\(retired)', which an earlier migration retired; finish that one first "
                + "(apply --through contract), or drop the column")
    }

    /// Notes a problem for every table and constraint that points at the column with a foreign key.
    func refuseReferences(
        to column: String, of table: Table, path: String, advice: String, into draft: inout OperationDraft
    ) {
        for key in references(to: column, of: table) {
            draft.refuse(path, "'\(column)' is referenced by the foreign key \(key); \(advice)")
        }
    }

    /// The foreign keys that point at the column, in words, each once.
    func references(to column: String, of table: Table) -> [String] {
        var found: [String] = []
        for dependent in table.dependents where dependent.kind == .foreignKey && dependent.mayUse(column) {
            found.append("'\(dependent.name)'")
        }
        if !found.isEmpty { return found }
        for other in schema.tables {
            for key in other.foreignKeys
            where dialect.normalized(key.target.table) == dialect.normalized(table.name) {
                let referenced = key.target.columns.isEmpty ? table.primaryKey : key.target.columns
                if referenced.contains(where: { dialect.sameName($0, column) }) {
                    found.append("\(key.name.map { "'\($0)' " } ?? "")of '\(other.name)'")
                }
            }
        }
        return found
    }

    static let inPlace =
        "rename it in place instead (strategy: in_place), which is one change of the catalogue"
}

extension Table {
    /// The other columns of whatever indexes and constraints a column is part of.
    func columnsBeside(_ column: String) -> Set<String> {
        var groups: [Set<String>] = indexes.map(\.columns) + checks.map(\.columns)
        groups += uniqueConstraints.map { Set($0.columns + $0.included) }
        groups += foreignKeys.map { Set($0.columns) }
        var beside: Set<String> = []
        for group in groups where group.contains(column) { beside.formUnion(group) }
        return beside.subtracting([column])
    }

    func without(_ column: String) -> Table {
        var table = self
        table.columns.removeAll { $0.name == column }
        return table
    }
}

extension Dependent {
    /// Whether it uses the column, or may: where that cannot be told, it may use any.
    func mayUse(_ column: String) -> Bool { columns.isEmpty || columns.contains(column) }
}

extension Dialect {
    /// The table's name with the default schema left out, so that equal tables are equal.
    func normalized(_ table: TableName) -> TableName {
        table.schema == defaultSchema ? TableName(table.name) : table
    }
}
