extension StatementBuilder {
    /// What has to run before a write, so that every value that it writes has its row in the lookup table.
    ///
    /// Each is complete by itself: a row of a lookup table that nothing points at is never wrong. None, where the lookup
    /// table is not there yet or no value is written.
    func lookups(for operation: Request.Operation) throws(RequestProblem) -> [Conversation.Statement] {
        let rows: [[String: SQLValue]]
        switch operation {
        case .insert(let insertion): rows = insertion.rows
        case .update(let set, _, _): rows = [set]
        case .delete, .select, .count, .write, .read: return []
        }
        var statements: [Conversation.Statement] = []
        for change in shape.changes where change.state != .missing {
            guard let lookup = change.change.lookup, let name = change.change.old.first?.name else {
                continue
            }
            var seen: Set<ExactKey> = []
            let values = rows.compactMap { $0[name] }.filter { value in
                !value.isNull && seen.insert(ExactKey([value])).inserted
            }
            if !values.isEmpty { statements.append(try insertion(of: values, into: lookup, named: name)) }
        }
        return statements
    }

    private func insertion(
        of values: [SQLValue], into lookup: LookupTable, named name: String
    ) throws(RequestProblem) -> Conversation.Statement {
        var text = StatementText(shape: shape)
        let column = try shape.table.column(name)
        let lists = values.map { "(\(text.bindStored($0, column)))" }.joined(separator: ", ")
        let parts = lookup.insertion(
            of: "v.column1", from: "(VALUES \(lists)) AS v", shape.dialect)
        return Conversation.Statement(
            sql: parts.head + (self.guard ?? "true") + parts.tail, parameters: text.parameters)
    }
}
