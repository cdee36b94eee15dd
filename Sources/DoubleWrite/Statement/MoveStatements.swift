/// The statements of a write, in their order, for a table into which a column moves.
struct MoveStatements {
    let shape: TableShape
    let request: Request

    typealias Task = MoveWriting.Task
    typealias Statement = Conversation.Statement

    private var table: TableDeclaration { shape.table }
    private var dialect: Dialect { shape.dialect }

    /// How many rows one statement names by their keys at most.
    private static let chunk = 400

    /// What comes first, up to the rows that are meant.
    func tasks() throws(RequestProblem) -> [Task] {
        guard let moved = shape.moved, moved.state != .new, moved.state != .done else {
            let builder = StatementBuilder(shape: shape, guard: nil)
            return [.plain(try builder.statement(for: request.operation))]
        }
        switch request.operation {
        case .insert(let insertion): return try inserting(insertion, moved)
        case .update(let set, let condition, _):
            if let column = moved.moved.targetKey.first(where: { set[$0] != nil }) {
                throw .joiningColumn(column)
            }
            return try making(condition, moved) + [.find(try find(condition, moved))]
        case .delete(let condition, _):
            return try making(condition, moved) + [.find(try find(condition, moved))]
        case .select, .count, .write, .read: preconditionFailure("not a write of two tables")
        }
    }

    /// What follows, for the rows that were found or inserted.
    func tasks(for keys: [[SQLValue]]) throws(RequestProblem) -> [Task] {
        guard let moved = shape.moved, !keys.isEmpty else { return [] }
        var tasks: [Task] = []
        for chunk in Self.chunks(of: keys) {
            switch request.operation {
            case .update(let set, _, let returning):
                tasks += try update(set, chunk, moved)
                if !returning.isEmpty { tasks.append(.read(try read(returning, chunk, moved))) }
            case .delete(_, let returning):
                if !returning.isEmpty { tasks.append(.read(try read(returning, chunk, moved))) }
                tasks += try delete(chunk, moved)
            case .insert(let insertion):
                let returning = insertion.returning
                if !returning.isEmpty { tasks.append(.read(try read(returning, chunk, moved))) }
            case .select, .count, .write, .read: break
            }
        }
        return tasks
    }

    private static func chunks(of keys: [[SQLValue]]) -> [[[SQLValue]]] {
        stride(from: 0, to: keys.count, by: chunk).map { Array(keys[$0..<min($0 + chunk, keys.count)]) }
    }
}

// MARK: - Finding

extension MoveStatements {
    /// Inserts the rows that so far only the source has, where they meet the condition: as the backfill will. Nothing that
    /// anybody reads changes by that.
    private func making(_ condition: Condition?, _ moved: MovedShape) throws(RequestProblem) -> [Task] {
        guard moved.hasUnseenRows else { return [] }
        var text = text(moved.unseen)
        let wanted =
            try condition.map { condition throws(RequestProblem) in " AND \(try text.sql(condition))" } ?? ""
        return [.run(statement(making(wanted, moved), text))]
    }

    private func making(_ wanted: String, _ moved: MovedShape) -> String {
        let names = moved.sourceKey.indices.map { "k\($0)" }
        let values = zip(moved.sourceKey, names).map { "s.\($0) AS \($1)" } + ["s.\(moved.old) AS v"]
        let columns = moved.targetKey + (moved.hasNew ? [moved.new] : [])
        let results = (names + (moved.hasNew ? ["v"] : [])).map { "x.\($0)" }
        return "INSERT INTO \(moved.target) (\(list(columns))) SELECT \(list(results)) FROM "
            + "(SELECT \(list(values)) FROM \(moved.source) AS s WHERE \(moved.isUnseen)\(wanted)\(locking("FOR SHARE"))) AS x "
            + "WHERE true ON CONFLICT (\(list(moved.targetKey))) DO NOTHING"
    }

    /// Locks the rows that meet the condition, in both tables, and gives their keys.
    private func find(_ condition: Condition?, _ moved: MovedShape) throws(RequestProblem) -> Statement {
        var text = text(moved.real)
        let rows =
            try condition.map { condition throws(RequestProblem) in " WHERE \(try text.sql(condition))" }
            ?? ""
        let keys = list(moved.targetKey.map { "t.\($0)" })
        let sql =
            switch dialect {
            // Every row of the target has one of the source, by the foreign key that the plan asks for.
            case .postgres:
                "SELECT \(keys) FROM \(moved.source) AS s JOIN \(moved.target) AS t ON \(moved.joined)\(rows) "
                    + "FOR NO KEY UPDATE OF s, t"
            case .sqlite:
                "SELECT \(keys) FROM \(moved.target) AS t LEFT JOIN \(moved.source) AS s ON \(moved.joined)\(rows)"
            }
        return statement(sql, text)
    }

    private func read(
        _ columns: [String], _ keys: [[SQLValue]], _ moved: MovedShape
    ) throws(RequestProblem) -> Statement {
        var text = text(moved.real)
        let results =
            moved.targetKey.map { "t.\($0)" }
            + columns.map { "\(shape(moved.real).read($0)) AS \(dialect.quote($0))" }
        let join = moved.state.truth == .old ? " LEFT JOIN \(moved.source) AS s ON \(moved.joined)" : ""
        let rows = try self.rows(moved.targetKey.map { "t.\($0)" }, keys, moved, &text)
        return statement("SELECT \(list(results)) FROM \(moved.target) AS t\(join) WHERE \(rows)", text)
    }
}

// MARK: - Writing

extension MoveStatements {
    private func update(
        _ set: [String: SQLValue], _ keys: [[SQLValue]], _ moved: MovedShape
    ) throws(RequestProblem) -> [Task] {
        var tasks: [Task] = []
        if let value = set[moved.moved.column] {
            var text = text()
            let new = text.bind(value, as: try table.column(moved.moved.column).parameterType)
            let rows = try self.rows(moved.sourceKey, keys, moved, &text)
            let sql = "UPDATE \(moved.source) SET \(moved.old) = \(new) WHERE \(rows)"
            let write = statement(sql, text)
            tasks.append(value.isNull ? .run(write) : .writeSources(write, rows: keys.count))
        }
        var text = text()
        var assignments: [String] = []
        for column in try table.ordered(set.keys) where column.name != moved.moved.column || moved.hasNew {
            let value = text.bind(set[column.name] ?? .null, as: column.parameterType)
            assignments.append("\(dialect.quote(column.name)) = \(value)")
        }
        guard !assignments.isEmpty else { return tasks }
        let rows = try self.rows(moved.targetKey, keys, moved, &text)
        tasks.append(.run(statement("UPDATE \(moved.target) SET \(list(assignments)) WHERE \(rows)", text)))
        return tasks
    }

    private func delete(_ keys: [[SQLValue]], _ moved: MovedShape) throws(RequestProblem) -> [Task] {
        var source = text()
        let old = try rows(moved.sourceKey, keys, moved, &source)
        var target = text()
        let new = try rows(moved.targetKey, keys, moved, &target)
        return [
            .run(
                statement(
                    "UPDATE \(moved.source) SET \(moved.old) = NULL WHERE \(moved.old) IS NOT NULL AND \(old)",
                    source)),
            .run(statement("DELETE FROM \(moved.target) WHERE \(new)", target)),
        ]
    }

    /// The source first: it is locked, and gets the values, before the target's rows are inserted.
    private func inserting(_ insertion: Request.Insertion, _ moved: MovedShape) throws(RequestProblem)
        -> [Task]
    {
        let column = moved.moved.column
        let given = try table.ordered(insertion.rows.first?.keys.map { $0 } ?? [])
        for name in moved.moved.targetKey where !given.contains(where: { $0.name == name }) {
            throw .joiningColumnMissing(name)
        }
        if let conflict = insertion.conflict, Set(conflict.columns) != Set(moved.moved.targetKey) {
            throw .conflictBesideJoin(moved.moved.targetKey)
        }
        let keys = insertion.rows.map { row in moved.moved.targetKey.map { row[$0] ?? .null } }
        if insertion.conflict != nil, Set(keys).count < keys.count { throw .rowTwice }
        var tasks: [Task] = []
        for chunk in Self.chunks(of: keys) {
            if moved.hasUnseenRows {
                var text = text()
                let rows = try self.rows(moved.sourceKey.map { "s.\($0)" }, chunk, moved, &text)
                tasks.append(.run(statement(making(" AND \(rows)", moved), text)))
            }
            var text = text()
            let sources = try rows(moved.sourceKey.map { "s.\($0)" }, chunk, moved, &text)
            let lock =
                "SELECT \(list(moved.sourceKey.map { "s.\($0)" })) FROM \(moved.source) AS s WHERE \(sources)"
                + locking("FOR NO KEY UPDATE")
            let hasValues = insertion.rows.contains { $0[column].map { !$0.isNull } ?? false }
            tasks.append(hasValues ? .countSources(statement(lock, text)) : .run(statement(lock, text)))
        }
        let takesOver = insertion.conflict?.update.contains(column) ?? false
        if given.contains(where: { $0.name == column }) || takesOver {
            tasks.append(.run(try sourceUpdate(insertion, moved, takesOver: takesOver)))
        }
        tasks.append(.insert(try targetInsert(insertion, given, moved)))
        return tasks
    }

    /// The values of the rows to insert, each into its row of the source; where a row of the target stays as it is, so does
    /// its value.
    private func sourceUpdate(
        _ insertion: Request.Insertion, _ moved: MovedShape, takesOver: Bool
    ) throws(RequestProblem) -> Statement {
        var text = text()
        let columns = try (moved.moved.targetKey + [moved.moved.column]).map { name throws(RequestProblem) in
            try table.column(name)
        }
        var lists: [String] = []
        for row in insertion.rows {
            lists.append("(\(list(columns.map { text.bind(row[$0.name] ?? .null, as: $0.parameterType) })))")
        }
        let names = moved.sourceKey.map { "s.\($0)" }
        let matches = names.enumerated().map { "\($1) = r.column\($0 + 1)" }
        let target = zip(moved.targetKey, names).map { "t.\($0) = \($1)" }.joined(separator: " AND ")
        let staying =
            insertion.conflict == nil || takesOver
            ? "" : " AND NOT EXISTS (SELECT 1 FROM \(moved.target) AS t WHERE \(target))"
        return statement(
            "UPDATE \(moved.source) AS s SET \(moved.old) = r.column\(columns.count) FROM (VALUES \(list(lists))) AS r "
                + "WHERE \(matches.joined(separator: " AND "))\(staying)", text)
    }

    private func targetInsert(
        _ insertion: Request.Insertion, _ given: [TableDeclaration.Column], _ moved: MovedShape
    ) throws(RequestProblem) -> Statement {
        var text = text()
        let columns = given.filter { $0.name != moved.moved.column || moved.hasNew }
        var lists: [String] = []
        for row in insertion.rows {
            lists.append("(\(list(columns.map { text.bind(row[$0.name] ?? .null, as: $0.parameterType) })))")
        }
        var sql =
            // The alias keeps a table that is named `excluded` apart from what was not inserted.
            "INSERT INTO \(moved.target) AS t (\(dialect.quote(columns.map(\.name)))) VALUES \(list(lists))"
        if let conflict = insertion.conflict {
            sql += " ON CONFLICT (\(list(moved.targetKey))) "
            let taken = conflict.update.filter { $0 != moved.moved.column || moved.hasNew }
            // A row whose value alone changes is written all the same: the answer counts it.
            let set = conflict.update.isEmpty || !taken.isEmpty ? taken : [moved.moved.targetKey[0]]
            let assignments = set.map { "\(dialect.quote($0)) = excluded.\(dialect.quote($0))" }
            sql += assignments.isEmpty ? "DO NOTHING" : "DO UPDATE SET \(list(assignments))"
        }
        return statement(sql + " RETURNING \(list(moved.targetKey))", text)
    }
}

// MARK: - Pieces

extension MoveStatements {
    private func list(_ parts: [String]) -> String { parts.joined(separator: ", ") }

    private func shape(_ names: [String: String]) -> TableShape {
        var shape = shape
        shape.names = names
        return shape
    }

    private func text(_ names: [String: String] = [:]) -> StatementText { StatementText(shape: shape(names)) }

    private func statement(_ sql: String, _ text: StatementText) -> Statement {
        Statement(sql: sql, parameters: text.parameters)
    }

    /// A lock on rows, where the database has such.
    private func locking(_ lock: String) -> String {
        switch dialect {
        case .postgres: " \(lock)"
        case .sqlite: ""
        }
    }

    /// The rows with these keys, as a condition.
    private func rows(
        _ names: [String], _ keys: [[SQLValue]], _ moved: MovedShape, _ text: inout StatementText
    ) throws(RequestProblem) -> String {
        let types = try moved.moved.targetKey.map { name throws(RequestProblem) in
            try table.column(name).parameterType
        }
        var lists: [String] = []
        for key in keys { lists.append("(\(list(zip(key, types).map { text.bind($0, as: $1) })))") }
        return names.count == 1
            ? "\(names[0]) IN (\(list(lists)))" : "(\(list(names))) IN (VALUES \(list(lists)))"
    }
}
