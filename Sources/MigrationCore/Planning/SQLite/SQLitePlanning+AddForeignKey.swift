import DoubleWrite

/// `add_foreign_key`, in SQLite: the rows are counted that point nowhere, then the table's stored text is written anew.
extension SQLitePlanning {
    func plan(_ operation: AddForeignKey, into draft: inout OperationDraft) {
        touch(operation.columns, of: operation.table, into: &draft)
        guard let table = context.table(operation.table, into: &draft),
            let definition = definition(of: table, into: &draft)
        else { return }
        checkFree(operation.name, in: definition, of: table, into: &draft)
        for (number, name) in operation.columns.enumerated() {
            _ = context.column(name, of: table, path: "columns[\(number)]", into: &draft)
        }
        guard let targets = targets(of: operation, from: table, into: &draft) else { return }
        draft.touches += targets.map {
            TouchedColumn(table: dialect.normalized(operation.target.table), column: $0)
        }
        warn(operation, table, into: &draft)
        let demand = NewDemand.reference(
            operation.columns, of: table, at: operation.target, targets, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let reference = SQLiteReference(
            columns: operation.columns, table: operation.target.table.name, targets: operation.target.columns,
            attributes: SQLiteReference.actions(operation.target))
        let edits = [TableEdit.add(.init(name: operation.name, .foreignKey(reference)), column: nil)]
        var step = edit(
            "add the foreign key '\(operation.name)'", "", edits, of: table, definition,
            verification: demand.verification)
        step.undo = [
            editBack("drop the foreign key '\(operation.name)' again", "", edits, of: table, definition)
        ]
        draft.add(.expand, "foreign-key", step)
    }

    /// The columns that are pointed at, or noted problems.
    private func targets(
        of operation: AddForeignKey, from table: Table, into draft: inout OperationDraft
    ) -> [String]? {
        let isOwn = dialect.sameName(operation.target.table.name, table.name.name)
        guard
            let parent = isOwn
                ? table : context.table(operation.target.table, path: "references.table", into: &draft)
        else { return nil }
        let targets = operation.target.columns.isEmpty ? parent.primaryKey : operation.target.columns
        if operation.columns.isEmpty { draft.refuse("columns", "a foreign key needs at least one column") }
        if targets.isEmpty {
            draft.refuse("references", "'\(parent.name)' has no primary key to point at; name its columns")
            return nil
        }
        guard targets.count == operation.columns.count else {
            draft.refuse(
                "references",
                "\(operation.columns.count) columns point at \(targets.count) of '\(parent.name)'; name as many"
            )
            return nil
        }
        for name in operation.target.columns
        where context.column(name, of: parent, path: "references.columns", into: &draft) == nil { return nil }
        let isUnique =
            Set(parent.primaryKey) == Set(targets)
            || parent.uniqueConstraints.contains { Set($0.columns) == Set(targets) }
            || parent.indexes.contains { $0.isUnique && $0.isSimple && $0.columns == Set(targets) }
        if !isUnique {
            draft.refuse(
                "references",
                "\(targets.map { "'\($0)'" }.joined(separator: ", ")) of '\(parent.name)' is not unique, so nothing can point "
                    + "at it; add_unique first")
            return nil
        }
        return targets
    }

    private func warn(_ operation: AddForeignKey, _ table: Table, into draft: inout OperationDraft) {
        warnOfText(of: table, into: &draft)
        draft.warnings.append(
            "SQLite enforces foreign keys only for connections that have said PRAGMA foreign_keys = ON. Whoever has not can write "
                + "rows of '\(table.name)' that point nowhere.")
        let isIndexed =
            table.indexes.contains { index in
                index.isSimple && operation.columns.first.map(index.columns.contains) ?? false
            } || table.primaryKey.first == operation.columns.first
            || table.uniqueConstraints.contains { $0.columns.first == operation.columns.first }
        guard !isIndexed, let first = operation.columns.first else { return }
        draft.warnings.append(
            "No index of '\(table.name)' begins with '\(first)': each delete in '\(operation.target.table)' will read all of "
                + "'\(table.name)'. Create one first (create_index).")
    }
}
