import DoubleWrite

extension PlanningContext {
    /// Checks the declaration of a new index. Returns its table.
    func check(_ operation: CreateIndex, into draft: inout OperationDraft) -> Table? {
        checkName(operation.name, path: "name", into: &draft)
        let name = TableName(schema: operation.table.schema, operation.name)
        checkFreeObject(name, path: "name", into: &draft)
        if operation.keys.isEmpty { draft.refuse("columns", "an index needs at least one column") }
        for (number, key) in operation.keys.enumerated() {
            guard case .expression(let text) = key.content else { continue }
            checkText(text, what: "the expression", path: "columns[\(number)]", into: &draft)
        }
        if let condition = operation.condition {
            checkText(condition, what: "the condition", path: "where", into: &draft)
        }
        guard let table = table(operation.table, into: &draft) else {
            draft.touches.append(TouchedColumn(table: dialect.normalized(operation.table), column: nil))
            return nil
        }
        for (number, key) in operation.keys.enumerated() {
            guard case .column(let name) = key.content else { continue }
            _ = column(name, of: table, path: "columns[\(number)]", into: &draft)
        }
        draft.touches += operation.usedColumns(dialect, in: table).sorted().map {
            TouchedColumn(table: dialect.normalized(operation.table), column: $0)
        }
        return table
    }

    /// Has the database read each expression of a new index.
    ///
    /// - Parameters:
    ///   - key: The statements that say whether a text can be a key.
    ///   - condition: The statements that say whether a text can be the condition.
    func probe(
        _ operation: CreateIndex, of table: Table, _ key: (String) -> [String],
        _ condition: (String) -> [String], into draft: inout OperationDraft
    ) {
        for (number, part) in operation.keys.enumerated() {
            guard case .expression(let text) = part.content, let sql = text[dialect] else { continue }
            draft.probe(
                "columns[\(number)].expression", "the expression", key(sql),
                advice:
                    "write an expression over the columns of '\(table.name)' that always gives the same value"
            )
        }
        guard let sql = operation.condition?[dialect] else { return }
        draft.probe(
            "where", "the condition", condition(sql),
            advice: "write a condition over the columns of '\(table.name)' that is true or false")
    }

    /// The index of that name, or a noted problem.
    func index(
        _ name: String, of table: Table, path: String = "name", into draft: inout OperationDraft
    ) -> Index? {
        if let index = table.indexes.first(where: { $0.name == name }) { return index }
        if table.uniqueConstraints.contains(where: { $0.name == name }) {
            draft.refuse(
                path, "'\(name)' belongs to a UNIQUE constraint of '\(table.name)' and goes only with it")
        } else {
            let hint = NearestName.hint(name, among: table.indexes.map(\.name))
            draft.refuse(path, "index '\(name)' of '\(table.name)' does not exist\(hint)")
        }
        return nil
    }
}
