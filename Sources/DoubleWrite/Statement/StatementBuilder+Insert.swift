extension StatementBuilder {
    /// `INSERT ... SELECT`, because only a query can carry a guard.
    ///
    /// A value that is not given while both columns are written is the default of the column that is the truth,
    /// evaluated once a row: two defaults would draw two numbers from a sequence.
    func insert(
        _ insertion: Request.Insertion, _ text: inout StatementText
    ) throws(RequestProblem) -> String {
        let given = try shape.table.ordered(insertion.rows.first?.keys.map { $0 } ?? [])
        let derived = shape.table.columns.filter { column in
            !given.contains(column) && shape.isWrittenTwice(column.name)
        }
        var targets: [String] = []
        for column in given + derived { targets += shape.writtenNames(column.name).map(shape.dialect.quote) }

        let source: String
        if insertion.rows.count == 1, derived.isEmpty {
            source = singleRow(insertion.rows[0], given, &text)
        } else {
            source = rows(insertion.rows, given, derived, &text)
        }
        let head = "INSERT INTO \(shape.dialect.quote(shape.table.name)) (\(targets.joined(separator: ", ")))"
        let fence = "WHERE \(self.guard ?? "true")"
        return "\(head) \(source) \(fence)\(conflict(insertion.conflict))\(returning(insertion.returning))"
    }

    private func singleRow(
        _ row: [String: SQLValue], _ given: [TableDeclaration.Column], _ text: inout StatementText
    ) -> String {
        var values: [String] = []
        for column in given {
            let value = text.bind(row[column.name] ?? .null, as: column.parameterType)
            values += shape.writtenNames(column.name).map { _ in value }
        }
        return "SELECT " + values.joined(separator: ", ")
    }

    /// The rows as a table that is computed once, so that a default in it is evaluated once a row.
    private func rows(
        _ rows: [[String: SQLValue]], _ given: [TableDeclaration.Column],
        _ derived: [TableDeclaration.Column],
        _ text: inout StatementText
    ) -> String {
        var lists: [String] = []
        for row in rows {
            var values: [String] = []
            for column in given {
                values.append(text.bind(row[column.name] ?? .null, as: column.parameterType))
            }
            lists.append("(\(values.joined(separator: ", ")))")
        }
        let names = (given + derived).indices.map { "c\($0)" }
        let sources = given.indices.map { "column\($0 + 1)" } + derived.map { defaultValue($0) }
        var results: [String] = []
        for (column, name) in zip(given + derived, names) {
            results += shape.writtenNames(column.name).map { _ in name }
        }
        return """
            SELECT \(results.joined(separator: ", ")) \
            FROM (WITH r (\(names.joined(separator: ", "))) AS MATERIALIZED \
            (SELECT \(sources.joined(separator: ", ")) FROM (VALUES \(lists.joined(separator: ", "))) AS v) \
            SELECT * FROM r) AS r
            """
    }

    private func defaultValue(_ column: TableDeclaration.Column) -> String {
        let expression = defaults[column.name] ?? "NULL"
        return switch shape.dialect {
        case .postgres: "CAST((\(expression)) AS \(column.parameterType))"
        case .sqlite: "(\(expression))"
        }
    }

    private func conflict(_ conflict: Request.Conflict?) -> String {
        guard let conflict else { return "" }
        let target = conflict.columns.map(shape.read).joined(separator: ", ")
        guard !conflict.update.isEmpty else { return " ON CONFLICT (\(target)) DO NOTHING" }
        let assignments = conflict.update.flatMap(shape.writtenNames).map { name in
            "\(shape.dialect.quote(name)) = excluded.\(shape.dialect.quote(name))"
        }
        return " ON CONFLICT (\(target)) DO UPDATE SET " + assignments.joined(separator: ", ")
    }
}
