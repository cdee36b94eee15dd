import DoubleWrite

/// Reads the statements that planners write, for what they change of names and demands.
///
/// It reads the very text that is run, so a plan that says one thing and does another is found out. It knows the
/// statements of the planners and no others: the user's own (`sql`) are declared and not read.
struct StatementReader {
    let dialect: Dialect

    /// What the statement does.
    func read(_ text: String) -> StatementReading { read(TokenCursor(text, dialect)) }

    /// What the statement of these tokens does.
    func read(_ tokens: [SQLToken]) -> StatementReading { read(TokenCursor(tokens, dialect)) }

    private func read(_ statement: TokenCursor) -> StatementReading {
        var cursor = statement
        guard !cursor.isAtEnd else { return StatementReading() }
        if cursor.take("ALTER", "TABLE") { return alterTable(&cursor) }
        if cursor.take("CREATE") { return create(&cursor) }
        if cursor.take("DROP") { return drop(&cursor) }
        if cursor.take("LOCK", "TABLE") {
            return StatementReading(excludes: cursor.table().map { [$0] } ?? [])
        }
        if cursor.take("ALTER", "INDEX"), let index = cursor.table(), cursor.take("RENAME", "TO"),
            let new = cursor.name()
        {
            return StatementReading(effects: [.renameObject(index.name, to: new)])
        }
        let harmless = [
            ("COMMENT", "ON"), ("GRANT", nil), ("REVOKE", nil), ("SET", "LOCAL"), ("SELECT", nil),
            ("ALTER", "SEQUENCE"), ("ALTER", "TYPE"), ("PRAGMA", nil), ("INSERT", nil), ("UPDATE", nil),
            ("DELETE", nil), ("ANALYZE", nil), ("REINDEX", nil), ("ALTER", "FUNCTION"), ("ALTER", "VIEW"),
        ]
        var reading = StatementReading()
        reading.isUnderstood = harmless.contains { first, second in
            var cursor = cursor
            return cursor.take(first) && (second.map { cursor.take($0) } ?? true)
        }
        return reading
    }

    /// Several statements of one transaction, or the edits of a stored text.
    func read(_ statements: [String]) -> StatementReading {
        statements.map(read).reduce(into: StatementReading()) { $0.add($1) }
    }
}

extension StatementReader {
    /// An UPDATE of a table as the backfill that it is; `nil` for another statement.
    func update(_ text: String) -> Backfill? {
        var cursor = TokenCursor(text, dialect)
        guard cursor.take("UPDATE"), let table = cursor.table(), cursor.take("SET") else { return nil }
        let rest = cursor.rest
        let place = rest.index(ofKeyword: "WHERE") ?? rest.endIndex
        func slice(_ tokens: ArraySlice<SQLToken>) -> String {
            guard let first = tokens.first, let last = tokens.last else { return "" }
            let bytes = Array(text.utf8)[first.range.lowerBound..<last.range.upperBound]
            return String(decoding: bytes, as: UTF8.self)
        }
        return Backfill(
            table: table, assignments: slice(rest[..<place]), mismatch: slice(rest[place...].dropFirst()),
            key: [])
    }
}

extension StatementReading {
    mutating func add(_ other: StatementReading) {
        effects += other.effects
        excludes += other.excludes.filter { !excludes.contains($0) }
        isUnderstood = isUnderstood && other.isUnderstood
    }
}

// MARK: - CREATE and DROP

extension StatementReader {
    private func create(_ cursor: inout TokenCursor) -> StatementReading {
        _ = cursor.take("OR", "REPLACE")
        if cursor.take("TABLE") {
            _ = cursor.take("IF", "NOT", "EXISTS")
            return StatementReading(effects: cursor.table().map { [.createTable($0)] } ?? [])
        }
        if cursor.take("VIEW") {
            return StatementReading(effects: cursor.table().map { [.createView($0)] } ?? [])
        }
        if cursor.take("TRIGGER") {
            return StatementReading(effects: trigger(&cursor).map { [.createTrigger($0)] } ?? [])
        }
        let isUnique = cursor.take("UNIQUE")
        if cursor.take("INDEX") { return createIndex(&cursor, isUnique: isUnique) }
        if cursor.take("TYPE") {
            return StatementReading(effects: cursor.table().map { [.createType($0)] } ?? [])
        }
        let others = ["FUNCTION", "SEQUENCE", "STATISTICS", "POLICY", "PUBLICATION"]
        var reading = StatementReading()
        reading.isUnderstood = others.contains { cursor.take($0) }
        return reading
    }

    /// `name AFTER INSERT OR UPDATE ON table ...`, with what its body inserts into.
    private func trigger(_ cursor: inout TokenCursor) -> Effect.Trigger? {
        guard let name = cursor.table()?.name else { return nil }
        var trigger = Effect.Trigger(name: name)
        while let token = cursor.next, !token.isKeyword("ON") {
            trigger.isAfter = trigger.isAfter || token.isKeyword("AFTER")
            trigger.events += Effect.Trigger.Event.allCases.filter {
                token.isKeyword($0.rawValue.uppercased())
            }
            cursor.skip()
        }
        guard cursor.take("ON") else { return trigger }
        trigger.table = cursor.table()
        while cursor.next != nil {
            if cursor.take("INSERT", "INTO"), let target = cursor.table() {
                trigger.targets.append(target)
            } else {
                cursor.skip()
            }
        }
        return trigger
    }

    private func createIndex(_ cursor: inout TokenCursor, isUnique: Bool) -> StatementReading {
        let isBeside = cursor.take("CONCURRENTLY")
        _ = cursor.take("IF", "NOT", "EXISTS")
        guard let name = cursor.table()?.name, cursor.take("ON") else {
            return StatementReading(isUnderstood: false)
        }
        // On a partitioned table that only announces the index, which is then built beside the writers.
        let isAnnounced = cursor.take("ONLY")
        guard let table = cursor.table() else { return StatementReading(isUnderstood: false) }
        if cursor.take("USING") { _ = cursor.name() }
        let columns = cursor.parenthesized()?.names ?? []
        let demand = Effect.Demand(
            name: name, table: table, kind: .unique, columns: columns, readsRows: true)
        return StatementReading(
            effects: isUnique ? [.demand(demand)] : [], excludes: isBeside || isAnnounced ? [] : [table])
    }

    private func drop(_ cursor: inout TokenCursor) -> StatementReading {
        if cursor.take("TABLE") {
            _ = cursor.take("IF", "EXISTS")
            guard let table = cursor.table() else { return StatementReading(isUnderstood: false) }
            return StatementReading(effects: [.dropTable(table)], excludes: [table])
        }
        if cursor.take("VIEW") {
            return StatementReading(effects: cursor.table().map { [.dropView($0)] } ?? [])
        }
        if cursor.take("INDEX") {
            _ = cursor.take("CONCURRENTLY")
            _ = cursor.take("IF", "EXISTS")
            return StatementReading(effects: cursor.table().map { [.release($0.name)] } ?? [])
        }
        if cursor.take("TRIGGER") {
            _ = cursor.take("IF", "EXISTS")
            return StatementReading(effects: cursor.table().map { [.dropTrigger($0.name)] } ?? [])
        }
        if cursor.take("TYPE") {
            return StatementReading(effects: cursor.table().map { [.dropType($0)] } ?? [])
        }
        var reading = StatementReading()
        reading.isUnderstood = ["FUNCTION", "SEQUENCE", "STATISTICS", "POLICY"].contains { cursor.take($0) }
        return reading
    }
}
