import DoubleWrite

extension PlanningContext {
    /// Checks the declaration of a new table. Returns the table as it will be.
    func check(_ operation: CreateTable, into draft: inout OperationDraft) -> Table? {
        checkName(operation.table.name, path: "table", into: &draft)
        checkFreeObject(operation.table, path: "table", into: &draft)
        if operation.columns.isEmpty { draft.refuse("columns", "a table needs at least one column") }
        var seen: [String] = []
        for (number, definition) in operation.columns.enumerated() {
            let path = "columns[\(number)]"
            check(definition, path: path, into: &draft)
            if seen.contains(where: { dialect.sameName($0, definition.name) }) {
                draft.refuse(path + ".name", "'\(definition.name)' is declared twice")
            }
            seen.append(definition.name)
        }
        checkPrimaryKey(of: operation, into: &draft)
        var after = Schema(dialect: dialect)
        after.apply(.createTable(operation))
        guard let table = after[operation.table] else { return nil }
        for (number, definition) in operation.columns.enumerated() {
            guard let target = definition.references else { continue }
            check(target, from: table, path: "columns[\(number)].references", into: &draft)
        }
        for (number, definition) in operation.columns.enumerated() {
            let others = table.columns.filter { $0.name != definition.name && $0.generated == nil }
            ColumnProbes(beside: others, in: schema)
                .add(definition, path: "columns[\(number)]", into: &draft)
        }
        return table
    }

    private func checkPrimaryKey(of operation: CreateTable, into draft: inout OperationDraft) {
        let names = operation.columns.map(\.name)
        for (number, name) in operation.primaryKey.enumerated() where !names.contains(name) {
            draft.refuse(
                "primary_key[\(number)]",
                "column '\(name)' is not declared\(NearestName.hint(name, among: names))")
        }
        if Set(operation.primaryKey).count < operation.primaryKey.count {
            draft.refuse("primary_key", "a column stands in the primary key twice")
        }
        let own = operation.columns.filter(\.isPrimaryKey).map(\.name)
        if own.count + (operation.primaryKey.isEmpty ? 0 : 1) > 1 {
            draft.refuse("primary_key", "a table has one primary key; name its columns in primary_key only")
        }
    }
}

extension OperationDraft {
    /// The step that makes the table.
    ///
    /// - Parameter undoLock: What dropping it locks.
    mutating func addTable(
        _ table: TableName, _ statements: [String], dialect: Dialect, lock: Lock?, undoLock: Lock?,
        _ explanation: String
    ) {
        touches.append(TouchedColumn(table: dialect.normalized(table), column: nil))
        add(
            .expand, "create-table",
            Step(
                "create the table '\(table)'", explanation, .statements(on: table, statements), lock: lock,
                undo: [
                    Step(
                        "drop the table '\(table)'", "Rows that were written to it are lost.",
                        .statements(on: table, ["DROP TABLE \(dialect.quote(table))"]),
                        lock: undoLock)
                ]))
    }
}
