import DoubleWrite

/// `rename_constraint`, in SQLite: only the table's stored text changes.
extension SQLitePlanning {
    func plan(_ operation: RenameConstraint, into draft: inout OperationDraft) {
        guard let table = context.table(operation.table, into: &draft),
            let definition = definition(of: table, into: &draft)
        else {
            touchAll(of: operation.table, into: &draft)
            return
        }
        if definition.named(operation.from).isEmpty,
            let unique = SQLiteUniqueIndex(operation.from, of: table)
        {
            return rename(unique, to: operation.to, definition, into: &draft)
        }
        guard
            let (clause, column) = constraint(
                operation.from, in: definition, of: table, path: "from", into: &draft)
        else {
            touchAll(of: operation.table, into: &draft)
            return
        }
        touch(
            table.columns.map(\.name).filter { clause.sql.mentions($0) || $0 == column }, of: operation.table,
            into: &draft)
        context.checkName(operation.to, path: "to", into: &draft)
        if operation.from == operation.to {
            draft.refuse("to", "'\(operation.to)' is the constraint's name already; nothing would be renamed")
        } else if definition.named(operation.to).contains(where: { $0.clause != clause }) {
            draft.refuse(
                "to", "'\(table.name)' has a constraint '\(operation.to)' already; choose another name")
        }
        warnOfText(of: table, into: &draft)
        draft.warnings.append(RenamedConstraint.warning(operation.to))
        var renamed = clause
        renamed.name = operation.to
        let edits = [TableEdit.replace(clause, renamed, column: column)]
        var step = edit("rename '\(operation.from)' to '\(operation.to)'", "", edits, of: table, definition)
        step.undo = [
            editBack(
                "rename '\(operation.to)' to '\(operation.from)' again", "", edits, of: table, definition)
        ]
        draft.add(.expand, "rename", step)
    }

    private func rename(
        _ unique: SQLiteUniqueIndex, to name: String, _ definition: SQLiteDefinition,
        into draft: inout OperationDraft
    ) {
        let table = unique.table
        touch(unique.columns, of: table.name, into: &draft)
        context.checkName(name, path: "to", into: &draft)
        if !definition.named(name).isEmpty {
            draft.refuse("to", "'\(table.name)' has a constraint '\(name)' already; choose another name")
        }
        context.checkFreeObject(TableName(schema: table.name.schema, name), path: "to", into: &draft)
        unique.addRename(to: name, &draft)
    }
}
