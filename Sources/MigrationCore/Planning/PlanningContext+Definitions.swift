import DoubleWrite

/// What a declared column or table is checked for, whatever the dialect.
extension PlanningContext {
    /// Checks one column's definition: its name, that this dialect has a type and every expression.
    func check(_ definition: ColumnDefinition, path: String, into draft: inout OperationDraft) {
        checkColumnName(definition.name, path: path + ".name", into: &draft)
        checkText(
            definition.type, what: "the type of '\(definition.name)'", path: path + ".type", into: &draft)
        if let text = definition.defaultValue {
            checkText(
                text, what: "the default of '\(definition.name)'", path: path + ".default", into: &draft)
        }
        if let text = definition.check {
            checkText(text, what: "the CHECK of '\(definition.name)'", path: path + ".check", into: &draft)
        }
    }

    /// Notes a problem where a piece of SQL is missing for this dialect, or empty.
    func checkText(_ text: PerDialect, what: String, path: String, into draft: inout OperationDraft) {
        guard let sql = text[dialect] else {
            draft.refuse(
                path, "\(what) is not given for \(dialect.rawValue); add \(dialect.rawValue): ... below it")
            return
        }
        if sql.allSatisfy(\.isWhitespace) { draft.refuse(path, "\(what) is empty") }
    }

    /// Checks where a foreign key points. `own` is the table that is being declared, which may point at itself.
    func check(
        _ target: ForeignKeyTarget, from own: Table, path: String, into draft: inout OperationDraft
    ) {
        let isOwn = dialect.normalized(target.table) == dialect.normalized(own.name)
        guard let table = isOwn ? own : table(target.table, path: path + ".table", into: &draft) else {
            return
        }
        let columns = target.columns.isEmpty ? table.primaryKey : target.columns
        if columns.isEmpty {
            draft.refuse(path, "'\(table.name)' has no primary key to point at; name the column")
        } else if columns.count != 1 {
            draft.refuse(
                path, "a column points at one column, and this names \(columns.count) of '\(table.name)'")
        }
        for column in target.columns
        where self.column(column, of: table, path: path + ".column", into: &draft) != nil {
            let isUnique =
                table.primaryKey == [column] || table.uniqueConstraints.contains { $0.columns == [column] }
                || table.indexes.contains { $0.isUnique && $0.isSimple && $0.columns == [column] }
            if !isUnique {
                draft.refuse(
                    path + ".column",
                    "'\(column)' of '\(table.name)' is not unique, so nothing can point at it")
            }
        }
    }

    /// Notes a problem where a name in the schema of `table` is taken by a table or an index.
    func checkFreeObject(_ name: TableName, path: String, into draft: inout OperationDraft) {
        let space = name.schema ?? dialect.defaultSchema
        for table in schema.tables where (table.name.schema ?? dialect.defaultSchema) == space {
            if dialect.sameName(table.name.name, name.name) {
                draft.refuse(path, "a table '\(table.name)' exists already; choose another name")
            }
            if table.allIndexNames.contains(where: { dialect.sameName($0, name.name) }) {
                draft.refuse(
                    path, "an index '\(name.name)' exists already, on '\(table.name)'; choose another name")
            }
        }
    }
}

extension Table {
    /// The names of its indexes, with those that stand for a constraint.
    fileprivate var allIndexNames: [String] {
        indexes.map(\.name) + uniqueConstraints.compactMap(\.name) + [primaryKeyName].compactMap(\.self)
    }
}
