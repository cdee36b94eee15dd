package import DoubleWrite

/// Two tables with the same rows: one whose shape is being changed, and its twin, which has the spoken shape all along
/// and is the oracle.
package struct ShapeScene {
    package let database: any ContractDatabase
    package let shape: ShapeCase
    package let table: TableDeclaration
    package let twin: TableDeclaration

    package var change: DeclaredChange { table.changes[0] }
    var dialect: Dialect { database.dialect }
    var name: String { dialect.quote(table.name) }

    /// Makes the tables, in the old shape and in the new one.
    package init(_ database: any ContractDatabase, _ shape: ShapeCase, table: String = "people") throws {
        self.database = database
        self.shape = shape
        let types = shape.spoken.map { ($0.name, $0.type.postgres) }
        func declare(_ name: String, _ changes: [TableDeclaration.Change]) -> TableDeclaration {
            let name = TableName(database.dialect.shortened(name))
            guard types.count == 2 else {
                return TableDeclaration(
                    name, columns: ["id": "bigint", "note": "text", types[0].0: types[0].1], key: ["id"],
                    changes: changes)
            }
            return TableDeclaration(
                name,
                columns: ["id": "bigint", types[0].0: types[0].1, "note": "text", types[1].0: types[1].1],
                key: ["id"], changes: changes)
        }
        self.table = declare(table, [shape.change])
        self.twin = declare("twin of " + table, [])
        try dropLookup()
        try create(self.table, shape.old)
        try create(twin, shape.spoken)
        for (id, values) in zip(Int64(1)..., shape.values) {
            let row = ["id": SQLValue.integer(id), "note": "seed"].merging(values) { $1 }
            _ = try database.helper.run(.insert(into: twin, rows: [row]))
        }
        try seed()
    }

    private func create(_ declaration: TableDeclaration, _ columns: [ShapeCase.Column]) throws {
        let list = columns.map { column in
            let clause = column.defaultValue.map { " DEFAULT \($0)" } ?? ""
            return "\(dialect.quote(column.name)) \(column.type[dialect])\(clause)"
        }
        _ = try database.engine(
            """
            CREATE TABLE \(dialect.quote(declaration.name)) \
            (id \(database.numberedKey), note text, \(list.joined(separator: ", ")))
            """)
    }

    /// The twin's rows in the old shape.
    private func seed() throws {
        let old = change.old
        let values = old.map { column in
            shape.isOldShape
                ? "t." + dialect.quote(column.name)
                : expression(column, over: change.new) { "t." + dialect.quote($0.name) }
        }
        _ = try database.engine(
            """
            INSERT INTO \(name) (id, note, \(dialect.quote(old.map(\.name)))) \
            SELECT id, note, \(values.joined(separator: ", ")) FROM \(dialect.quote(twin.name)) AS t
            """)
    }

    /// A column's value as SQL over the other side's columns, each of which is what `name` says.
    func expression(
        _ column: DeclaredChange.Column, over others: [DeclaredChange.Column],
        _ name: (DeclaredChange.Column) -> String
    ) -> String {
        let sql = column.expression?[dialect] ?? dialect.quote(others[0].name)
        let scoped = ScopedExpression.sql(sql, over: others.map { ($0.name, name($0)) }, dialect)
        let isOld = change.old.contains(column)
        let made = (isOld ? shape.old : shape.new).first { $0.name == column.name }
        return dialect == .postgres ? "CAST(\(scoped) AS \(made?.type.postgres ?? "text"))" : scoped
    }
}

// What is checked.
extension ShapeScene {
    /// Does the same to both tables.
    ///
    /// - Returns: What differs afterwards, in the answers, in the rows, or between the two shapes.
    package func run(_ errand: ShapeErrand) throws -> [String] {
        let answer = try database.helper.run(errand.request(table))
        let expected = try database.helper.run(errand.request(twin))
        return compare(answer, expected, errand) + (try differences(after: errand.description))
    }

    /// What differs between two answers.
    package func compare(_ answer: ResultSet, _ expected: ResultSet, _ errand: ShapeErrand) -> [String] {
        func sorted(_ answer: ResultSet) -> [String] { answer.rows.map { "\($0)" }.sorted() }
        let isSame = answer.columns == expected.columns && answer.affectedRows == expected.affectedRows
        let isInOrder = answer.rows == expected.rows || errand.isWrite && sorted(answer) == sorted(expected)
        return isSame && isInOrder ? [] : ["\(errand): answered \(answer), not \(expected)"]
    }

    /// What differs between the rows of the tables, and which rows violate what the stage promises.
    package func differences(after what: String, isBackfilled: Bool = true) throws -> [String] {
        var found: [String] = []
        let expected = try database.engine(rowsSQL(of: twin)).rows
        let seen = try database.helper.run(
            .select(from: table, columns: ["id", "note"] + shape.columns, orderBy: [.ascending("id")])
        ).rows
        if seen != expected { found.append("\(what): the helper sees \(seen), not \(expected)") }
        guard isBackfilled, let violations = try violations() else { return found }
        if violations != [] { found.append("\(what): the shapes disagree in \(violations)") }
        return found
    }

    private func rowsSQL(of table: TableDeclaration) -> String {
        "SELECT \(dialect.quote(["id", "note"] + shape.columns)) FROM \(dialect.quote(table.name)) ORDER BY id"
    }

    /// The rows whose shapes disagree in either direction, or `nil` where there is only one.
    package func violations() throws -> [[SQLValue]]? {
        let stage = try database.engine(
            "SELECT stage FROM \(StageTable.name(dialect)) WHERE change = \(dialect.literal(change.id.name))"
        ).scalar?.text
        guard stage == "both" || stage == "both-read-new" else { return nil }
        let conditions =
            change.new.map { column in
                dialect.differs(
                    physical(column), expression(column, over: change.old) { "t." + dialect.quote($0.name) })
            }
            + change.old.map { column in
                dialect.differs(
                    "t." + dialect.quote(column.name), expression(column, over: change.new, physical))
            }
        return try database.engine(
            "SELECT * FROM \(name) AS t WHERE \(conditions.joined(separator: " OR ")) ORDER BY id"
        ).rows
    }

    /// A new column beside the old ones.
    func physical(_ column: DeclaredChange.Column) -> String { "t." + dialect.quote(physicalName(column)) }

    func physicalName(_ column: DeclaredChange.Column) -> String {
        change.old.contains { $0.name == column.name } ? dialect.shadowName(of: column.name) : column.name
    }
}
