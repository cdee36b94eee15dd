import DoubleWrite

/// What a plan is made against.
struct PlanningContext {
    var schema: Schema
    var generations: [ChangeID: Int]
    var finishedChanges: Set<ChangeID>
    var history: History
    /// PostgreSQL: the columns whose type the migration changes by way of a second column, in the order of its file.
    /// Foreign keys between them move from the old columns to the new ones.
    var retyped: [TouchedColumn] = []

    var dialect: Dialect { schema.dialect }
}

extension PlanningContext {
    /// The table of that name, or a noted problem that offers the nearest name.
    func table(_ name: TableName, path: String = "table", into draft: inout OperationDraft) -> Table? {
        if let table = schema[name] { return table }
        let names = schema.tables.map(\.name.description)
        draft.refuse(
            path, "table '\(name)' does not exist\(NearestName.hint(name.description, among: names))")
        return nil
    }

    /// The column of that name, or a noted problem that says where it went or offers the nearest name.
    func column(_ name: String, of table: Table, path: String, into draft: inout OperationDraft) -> Column? {
        if let column = table.column(name) { return column }
        if let departure = history.departure(of: name, from: table.name) {
            draft.refuse(path, "column '\(name)' of '\(table.name)' is gone by then: \(departure)")
        } else {
            let hint = NearestName.hint(name, among: table.columns.map(\.name))
            draft.refuse(path, "column '\(name)' of '\(table.name)' does not exist\(hint)")
        }
        return nil
    }

    /// Notes a problem where a new object's name cannot be used as it is.
    func checkName(_ name: String, path: String?, into draft: inout OperationDraft) {
        if name.isEmpty { draft.refuse(path, "a name must not be empty") }
        if name.unicodeScalars.contains("\0") {
            draft.refuse(path, "a name must not contain the character NUL")
        }
        if let limit = dialect.longestIdentifier, name.utf8.count > limit {
            draft.refuse(
                path,
                "the name '\(name)' has \(name.utf8.count) bytes and the database keeps only \(limit); "
                    + "choose a shorter one")
        }
    }

    /// Notes a problem where a new column's name cannot be used as it is, or is one of the system's own columns.
    func checkColumnName(_ name: String, path: String, into draft: inout OperationDraft) {
        checkName(name, path: path, into: &draft)
        guard dialect == .postgres, Self.systemColumns.contains(name) else { return }
        draft.refuse(
            path, "'\(name)' is a system column that every PostgreSQL table has; choose another name")
    }

    private static let systemColumns: Set<String> = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"]

    /// Notes a problem where a table has a column of that name.
    func checkFree(_ name: String, in table: Table, path: String, into draft: inout OperationDraft) {
        guard let taken = table.columns.first(where: { dialect.sameName($0.name, name) }) else { return }
        draft.refuse(path, "'\(table.name)' has a column '\(taken.name)' already; choose another name")
    }

    /// Notes a problem where the change's name was used up by an earlier migration.
    func checkChange(_ change: ChangeID, into draft: inout OperationDraft) {
        guard finishedChanges.contains(change) else { return }
        draft.refuse(
            "change",
            "an earlier migration finished a change named '\(change)', and its record is kept for ever; give this "
                + "operation a name of its own (change: NAME) and declare it under the same name in the applications"
        )
    }

    /// The number of the next expand of a change.
    func generation(of change: ChangeID) -> Int { generations[change, default: 0] + 1 }
}

extension Dialect {
    /// Whether two identifiers, quoted, name the same thing: SQLite ignores the case of ASCII letters even then.
    func sameName(_ left: String, _ right: String) -> Bool {
        switch self {
        case .postgres: left == right
        case .sqlite: left.asciiFolded == right.asciiFolded
        }
    }

    /// The name that the new column's copy of an index or constraint bears until the old one is gone.
    func temporaryName(of object: String) -> String { shortened("_bellows_new_" + object) }
}
