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
            !given.contains(column) && shape.writtenNames(column.name).count > 1
        }
        let names = Set(given.map(\.name))
        let defaulted = shape.changes.filter { shape in
            !shape.change.isIdentity && shape.state.isWrittenTwice
                && !shape.change.spokenColumns.contains { names.contains($0.name) }
        }
        let isComputed = given.contains { shape.change(of: $0.name)?.shape.isComputed ?? false }
        let head = "INSERT INTO \(shape.dialect.quote(shape.table.name))\(alias(for: insertion.conflict)) "
        let tail =
            "WHERE \(self.guard ?? "true")\(try conflict(insertion.conflict))\(returning(insertion.returning))"
        if insertion.rows.count == 1, derived.isEmpty, defaulted.isEmpty, !isComputed {
            let targets = given.flatMap { shape.writtenNames($0.name) }
            let source = singleRow(insertion.rows[0], given, &text)
            return "\(head)(\(shape.dialect.quote(targets))) \(source) \(tail)"
        }
        var rows = InsertedRows(shape: shape, given: given)
        rows.addDefaults(derived)
        for change in defaulted { rows.addDefaults(of: change) }
        rows.addGiven()
        let overriding = defaulted.contains(where: \.overridesIdentity) ? "OVERRIDING SYSTEM VALUE " : ""
        let source = rows.sql(lists(insertion.rows, given, &text))
        return "\(head)(\(shape.dialect.quote(rows.targets))) \(overriding)\(source) \(tail)"
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

    private func lists(
        _ rows: [[String: SQLValue]], _ given: [TableDeclaration.Column], _ text: inout StatementText
    ) -> [String] {
        var lists: [String] = []
        for row in rows {
            var values: [String] = []
            for column in given { values.append(text.bindStored(row[column.name] ?? .null, column)) }
            lists.append("(\(values.joined(separator: ", ")))")
        }
        return lists
    }
}
