import DoubleWrite

/// `ALTER TABLE`, which says most of what a plan does.
extension StatementReader {
    func alterTable(_ cursor: inout TokenCursor) -> StatementReading {
        _ = cursor.take("IF", "EXISTS")
        _ = cursor.take("ONLY")
        guard let table = cursor.table() else { return StatementReading(isUnderstood: false) }
        var reading = StatementReading()
        for piece in cursor.pieces() { reading.add(action(piece, of: table)) }
        return reading
    }

    private func action(_ tokens: [SQLToken], of table: TableName) -> StatementReading {
        var cursor = TokenCursor(tokens, dialect)
        // It reads the rows beside the writers.
        if cursor.take("VALIDATE", "CONSTRAINT") {
            return StatementReading(effects: cursor.name().map { [.validate($0)] } ?? [])
        }
        let excludes = [table]
        if cursor.take("RENAME") { return rename(&cursor, of: table) }
        if cursor.take("ADD", "CONSTRAINT") {
            guard let name = cursor.name() else { return StatementReading(isUnderstood: false) }
            return StatementReading(effects: constraint(name, &cursor, of: table), excludes: excludes)
        }
        if cursor.take("DROP", "CONSTRAINT") {
            _ = cursor.take("IF", "EXISTS")
            return StatementReading(
                effects: cursor.name().map { [.release($0)] } ?? [], excludes: excludes)
        }
        if cursor.take("ADD") {
            _ = cursor.take("COLUMN")
            guard let column = cursor.name() else { return StatementReading(isUnderstood: false) }
            let definition = cursor.rest
            let added = Effect.addColumn(
                .init(table: table, column: column),
                isNullable: !definition.hasKeywords("NOT", "NULL"), fallback: fallback(in: definition))
            let key = reference(in: definition, .init(table: table, column: column))
            return StatementReading(effects: [added] + (key.map { [.demand($0)] } ?? []), excludes: excludes)
        }
        if cursor.take("DROP") {
            _ = cursor.take("COLUMN")
            return StatementReading(
                effects: cursor.name().map { [.dropColumn(.init(table: table, column: $0))] } ?? [],
                excludes: excludes)
        }
        if cursor.take("ALTER") {
            _ = cursor.take("COLUMN")
            guard let column = cursor.name() else { return StatementReading(isUnderstood: false) }
            return alterColumn(&cursor, .init(table: table, column: column))
        }
        var reading = StatementReading(excludes: excludes)
        reading.isUnderstood = ["ENABLE", "DISABLE", "REPLICA", "SET", "OWNER"].contains { cursor.take($0) }
        return reading
    }

    private func rename(_ cursor: inout TokenCursor, of table: TableName) -> StatementReading {
        if cursor.take("TO"), let name = cursor.name() {
            return StatementReading(
                effects: [.renameTable(table, to: TableName(schema: table.schema, name))], excludes: [table])
        }
        let isConstraint = cursor.take("CONSTRAINT")
        if !isConstraint { _ = cursor.take("COLUMN") }
        guard let old = cursor.name(), cursor.take("TO"), let new = cursor.name() else {
            return StatementReading(isUnderstood: false)
        }
        return StatementReading(
            effects: [
                isConstraint
                    ? .renameObject(old, to: new)
                    : .renameColumn(.init(table: table, column: old), to: new)
            ], excludes: [table])
    }

    private func alterColumn(_ cursor: inout TokenCursor, _ place: Effect.Place) -> StatementReading {
        var reading = StatementReading(excludes: [place.table])
        if cursor.take("SET", "NOT", "NULL") {
            reading.effects = [.setNotNull(place, true)]
        } else if cursor.take("DROP", "NOT", "NULL") {
            reading.effects = [.setNotNull(place, false)]
        } else if cursor.take("DROP", "DEFAULT") {
            reading.effects = [.setFallback(place, .null)]
        } else if cursor.take("SET", "DEFAULT") {
            reading.effects = [.setFallback(place, fallback(of: cursor.rest))]
        } else if cursor.take("ADD", "GENERATED") {
            reading.effects = [.setFallback(place, .varying)]
        } else if cursor.take("DROP", "IDENTITY") {
            reading.effects = [.setFallback(place, .null)]
        } else {
            // A type, or how values are stored.
            reading.isUnderstood = ["SET", "TYPE", "RESET"].contains { cursor.take($0) }
        }
        return reading
    }

    private func constraint(_ name: String, _ cursor: inout TokenCursor, of table: TableName) -> [Effect] {
        func demand(_ kind: Effect.Demand.Kind, _ columns: [String], readsRows: Bool) -> Effect {
            .demand(.init(name: name, table: table, kind: kind, columns: columns, readsRows: readsRows))
        }
        let rest = cursor.rest
        let readsRows = !rest.hasKeywords("NOT", "VALID")
        if let place = rest.index(ofKeyword: "INDEX"), rest.hasKeywords("USING", "INDEX"),
            let index = rest[rest.index(after: place)...].first?.name
        {
            // The index demands it already; a key's columns are NOT NULL as well.
            return [.renameObject(index, to: name)]
        }
        // The column's own NOT NULL, by its name (from PostgreSQL 18 on): what SET NOT NULL gives as well.
        if cursor.take("NOT", "NULL"), let column = cursor.name() {
            return [.setNotNull(.init(table: table, column: column), true)]
        }
        if cursor.take("CHECK"), let condition = cursor.parenthesized() {
            let isNotNull =
                condition.count == 4 && Array(condition.dropFirst()).hasKeywords("IS", "NOT", "NULL")
            return isNotNull
                ? [demand(.notNull, Array(condition.names.prefix(1)), readsRows: readsRows)]
                : [demand(.check, condition.names, readsRows: readsRows)]
        }
        if cursor.take("FOREIGN", "KEY"), let columns = cursor.parenthesized() {
            return [
                demand(.foreignKey(writes: writes(by: cursor.rest)), columns.names, readsRows: readsRows)
            ]
        }
        if cursor.take("UNIQUE") || cursor.take("PRIMARY", "KEY"), let columns = cursor.parenthesized() {
            return [demand(.unique, columns.names, readsRows: true)]
        }
        return [demand(.check, rest.names, readsRows: readsRows)]
    }

    /// Whether the database itself writes by a foreign key.
    private func writes(by clause: [SQLToken]) -> Bool {
        ["DELETE", "UPDATE"].contains { event in
            clause.hasKeywords("ON", event, "CASCADE") || clause.hasKeywords("ON", event, "SET")
        }
    }

    /// The foreign key that a column's definition declares, `CONSTRAINT name REFERENCES ...` with or without its name.
    private func reference(in definition: [SQLToken], _ place: Effect.Place) -> Effect.Demand? {
        guard let index = definition.index(ofKeyword: "REFERENCES") else { return nil }
        let isNamed = index >= 2 && definition[index - 2].isKeyword("CONSTRAINT")
        return Effect.Demand(
            name: (isNamed ? definition[index - 1].name : nil)
                ?? "\(place.table).\(place.column) REFERENCES",
            table: place.table, kind: .foreignKey(writes: writes(by: definition)), columns: [place.column],
            readsRows: true)
    }

    /// The default that a column's definition gives.
    private func fallback(in definition: [SQLToken]) -> Effect.Fallback {
        if definition.hasKeywords("GENERATED") || definition.hasKeywords("IDENTITY") { return .varying }
        guard let place = definition.index(ofKeyword: "DEFAULT") else { return .null }
        let value = Array(definition[(place + 1)...])
        if value.first?.isSymbol("(") == true { return fallback(of: value) }
        return fallback(of: Array(value.prefix { !$0.isKeyword("CHECK") && !$0.isKeyword("NOT") }))
    }

    /// What stands behind DEFAULT in a stored text.
    func fallback(_ text: String) -> Effect.Fallback { fallback(of: TokenCursor(text, dialect).rest) }

    /// Constants and casts of them are the same for every row; of anything else nobody can tell here.
    private func fallback(of value: [SQLToken]) -> Effect.Fallback {
        guard let first = value.first else { return .null }
        if first.isKeyword("NULL") { return .null }
        let isCall = zip(value, value.dropFirst()).contains { $0.kind == .word && $1.isSymbol("(") }
        let isNow = first.text.asciiFolded.hasPrefix("current_")
        return isCall || isNow ? .varying : .constant
    }
}
