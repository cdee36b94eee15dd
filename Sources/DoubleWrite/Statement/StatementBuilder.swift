/// Turns a request into the statement that is right in one shape.
struct StatementBuilder {
    let shape: TableShape

    /// The condition under which the statement is right, or `nil` where nothing can come between.
    let `guard`: String?

    private var table: TableDeclaration { shape.table }
    private var dialect: Dialect { shape.dialect }
    private var tableName: String { dialect.quote(table.name) }

    /// The statement.
    func statement(for operation: Request.Operation) throws(RequestProblem) -> Conversation.Statement {
        var text = StatementText(shape: shape)
        let sql: String
        switch operation {
        case .insert(let insertion):
            sql = try insert(insertion, &text)
        case .update(let set, let condition, let returning):
            sql = try update(set, condition, returning, &text)
        case .delete(let condition, let returning):
            let rows = try text.whereClause(condition, guard: self.guard)
            sql = "DELETE FROM \(tableName)\(rows)\(self.returning(returning))"
        case .select(let selection):
            sql = try select(selection, &text)
        case .count(let condition):
            let results = "count(*) AS \(dialect.quote("count"))\(guardResult)"
            sql = "SELECT \(results) FROM \(shape.readSource)\(try text.whereClause(condition, guard: nil))"
        case .write(let form):
            return bare(form, isRead: false)
        case .read(let form):
            return bare(form, isRead: true)
        }
        return Conversation.Statement(sql: sql, parameters: text.parameters)
    }

    private func update(
        _ set: [String: SQLValue], _ condition: Condition?, _ returning: [String], _ text: inout StatementText
    ) throws(RequestProblem) -> String {
        var assignments: [String] = []
        var computed: Set<ChangeID> = []
        for column in try table.ordered(set.keys) {
            if let change = shape.change(of: column.name)?.shape, change.isComputed {
                guard computed.insert(change.change.id).inserted else { continue }
                assignments.append(try setting(change, set, &text))
                continue
            }
            let value = text.bind(set[column.name] ?? .null, as: column.parameterType)
            assignments += shape.writtenNames(column.name).map { "\(dialect.quote($0)) = \(value)" }
        }
        let rows = try text.whereClause(condition, guard: self.guard)
        let list = assignments.joined(separator: ", ")
        return "UPDATE \(tableName) SET \(list)\(rows)\(self.returning(returning))"
    }

    /// What a change's columns are set to: the values that are given, and for the others those of the row itself.
    private func setting(
        _ change: ChangeShape, _ set: [String: SQLValue], _ text: inout StatementText
    ) throws(RequestProblem) -> String {
        let stored = change.read()
        var values: [String] = []
        var given: Set<Int> = []
        for (position, column) in change.change.spokenColumns.enumerated() {
            guard let value = set[column.name] else {
                values.append(stored[position])
                continue
            }
            values.append(text.bindStored(value, try table.column(column.name)))
            given.insert(position)
        }
        return Derivation(shape: change).assignments(values, given: given)
    }

    /// A query gives the guard's truth along, since rows that were read cannot be refused afterwards.
    private func select(
        _ selection: Request.Selection, _ text: inout StatementText
    ) throws(RequestProblem) -> String {
        let results = shape.results(selection.columns) + guardResult
        var sql =
            "SELECT \(results) FROM \(shape.readSource)\(try text.whereClause(selection.condition, guard: nil))"
        if !selection.ordering.isEmpty {
            let ordering = selection.ordering.map { ordering in
                "\(shape.read(ordering.column, qualifier: shape.readQualifier))\(ordering.isDescending ? " DESC" : "")"
            }
            sql += " ORDER BY " + ordering.joined(separator: ", ")
        }
        if selection.limit != nil || selection.offset != nil {
            let everything =
                switch dialect {
                case .postgres: "ALL"
                case .sqlite: "-1"
                }
            sql += " LIMIT " + (selection.limit.map { String($0) } ?? everything)
            sql += " OFFSET \(selection.offset ?? 0)"
        }
        return sql
    }

    /// The guard as one more result, evaluated once a statement.
    private var guardResult: String {
        self.guard.map { ", (SELECT \($0)) AS \(dialect.quote("bellows_guard"))" } ?? ""
    }

    func returning(_ columns: [String]) -> String {
        guard !columns.isEmpty else { return "" }
        let references = ReturnedValues(columns, shape: shape).columns.compactMap { returned in
            shape.change(of: columns[returned.position])?.shape.physicalNames(.new).first
        }
        let hidden = references.enumerated().map { number, name in
            ", \(dialect.quote(name)) AS \(dialect.quote("bellows_reference_\(number)"))"
        }
        return " RETURNING " + shape.results(columns) + hidden.joined()
    }

    private func bare(_ form: Request.BareForm, isRead: Bool) -> Conversation.Statement {
        let sql: String
        if shape.states.contains(.missing) || (isRead && shape.states.contains(.both)) {
            sql = form.fallback
        } else if shape.states.allSatisfy({ $0 == .new || $0 == .done }) {
            sql = form.contracted ?? form.preferred
        } else {
            sql = form.preferred
        }
        let fenced = replacing(fencePlaceholder, in: sql, with: "(\(self.guard ?? "true"))")
        return Conversation.Statement(sql: fenced, parameters: form.parameters)
    }

    private func replacing(_ placeholder: String, in text: String, with replacement: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: placeholder) {
            result += rest[..<range.lowerBound] + replacement
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
