import DoubleWrite

/// `set_default`, in SQLite: only the table's stored text changes, and rows from before the column was added get the value
/// that they have shown until now.
extension SQLitePlanning {
    func plan(_ operation: SetDefault, into draft: inout OperationDraft) {
        touch([operation.column], of: operation.table, into: &draft)
        context.checkText(
            operation.defaultValue, what: "the default of '\(operation.column)'", path: "default",
            into: &draft)
        guard
            let (table, column, definition) = defaultColumn(operation.table, operation.column, into: &draft),
            let text = operation.defaultValue[dialect]
        else { return }
        draft.probe(
            "default", "the default of '\(column.name)'",
            ["CREATE TABLE `_bellows_probe` (`c` DEFAULT \(SQLiteLiteral.defaultText(text)))"],
            advice: "write a constant, or an expression without columns")
        let old = definition.clause(of: column.name) { if case .defaultValue = $0 { true } else { false } }
        let new = SQLiteDefinition.Clause(.defaultValue(SQLiteLiteral.defaultText(text)))
        if old?.content == new.content {
            draft.refuse(
                "default",
                "'\(column.name)' of '\(table.name)' has that default already; nothing would change")
            return
        }
        warnOfText(of: table, into: &draft)
        let edits = [
            old.map { TableEdit.replace($0, new, column: column.name) } ?? .add(new, column: column.name)
        ]
        var step = edit(
            "set the default of '\(column.name)'",
            "It is for rows that are inserted from here on. " + Self.oldRows, edits,
            of: table, definition, defaultOf: column.name)
        let back = editBack(
            old == nil
                ? "take the default of '\(column.name)' away again"
                : "set the old default of '\(column.name)' again",
            Self.oldRows, edits, of: table, definition, defaultOf: column.name)
        step.undo = (old == nil ? [GivenValue(column, of: table).releaseBack] : []) + [back]
        draft.add(.expand, "default", step)
    }

    /// A table with a column that may have a default.
    func defaultColumn(
        _ name: TableName, _ columnName: String, into draft: inout OperationDraft
    ) -> (Table, Column, SQLiteDefinition)? {
        guard let table = context.table(name, into: &draft),
            let column = context.column(columnName, of: table, path: "column", into: &draft),
            let definition = definition(of: table, into: &draft)
        else { return nil }
        if column.generated != nil {
            draft.refuse("column", "'\(column.name)' is a generated column, which has no default")
            return nil
        }
        guard table.sqliteKey != nil else {
            draft.refuse(
                "table",
                "'\(table.name)' has no primary key, and columns of its own hide the rows' addresses (rowid, _rowid_, oid); rows "
                    + "that show the old default could not be found")
            return nil
        }
        return (table, column, definition)
    }

    static let oldRows =
        "Rows from before the column was added do not hold its value: SQLite shows the default of the day in its place. Where there "
        + "are such rows, they first get the value that they show, in small batches."
}
