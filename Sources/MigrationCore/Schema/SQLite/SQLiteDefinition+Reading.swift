extension SQLiteDefinition {
    /// Reads a stored `CREATE TABLE`.
    ///
    /// - Throws: ``UnreadableDefinition`` for a virtual table, and for whatever this type does not hold.
    public init(_ sql: String) throws(UnreadableDefinition) {
        var reader = DefinitionReader(sql)
        self = try reader.definition()
    }
}

/// Reads a definition token by token, as SQLite's grammar says (<https://www.sqlite.org/src/file/src/parse.y>).
struct DefinitionReader {
    private let tokens: [SQLToken]
    private let source: [UInt8]
    private var position = 0

    init(_ sql: String) {
        tokens = Array(SQLTokens(sql))
        source = Array(sql.utf8)
    }

    mutating func definition() throws(UnreadableDefinition) -> SQLiteDefinition {
        guard take("CREATE"), take("TABLE") else { throw refusal("it is no ordinary table") }
        _ = try name()
        if takeSymbol(".") { _ = try name() }
        guard takeSymbol("(") else { throw refusal("a list of columns is missing") }
        var definition = SQLiteDefinition(columns: [])
        repeat {
            if isAtTableConstraint { break }
            definition.columns.append(try column())
        } while takeSymbol(",")
        while !takeSymbol(")") {
            _ = takeSymbol(",")
            definition.constraints.append(try tableConstraint())
        }
        repeat {
            if take("STRICT") {
                definition.isStrict = true
            } else if take("WITHOUT"), take("ROWID") {
                definition.isWithoutRowID = true
            }
        } while takeSymbol(",")
        guard here == nil || isSymbol(";") else { throw refusal("'\(here?.text ?? "")' stands at its end") }
        return definition
    }
}

// MARK: - Columns

extension DefinitionReader {
    private mutating func column() throws(UnreadableDefinition) -> SQLiteDefinition.Column {
        var column = SQLiteDefinition.Column(name: try name(), type: type())
        while let clause = try columnClause(of: &column) { column.clauses.append(clause) }
        return column
    }

    /// Names up to the first word that begins a constraint, and a length in parentheses.
    private mutating func type() -> String {
        let start = position
        while let token = here, !isAtColumnClause, token.kind == .string || token.name != nil {
            position += 1
        }
        if position > start, isSymbol("(") { _ = group() }
        return position > start ? text(start..<position) : ""
    }

    private var isAtColumnClause: Bool {
        if isKeyword("GENERATED") { return isKeyword("ALWAYS", ahead: 1) }
        return [
            "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES",
            "AS",
            "DEFERRABLE",
        ].contains { isKeyword($0) }
    }

    private mutating func columnClause(
        of column: inout SQLiteDefinition.Column
    ) throws(UnreadableDefinition) -> SQLiteDefinition.Clause? {
        guard isAtColumnClause else {
            guard isSymbol(",") || isSymbol(")") else {
                throw refusal("'\(here?.text ?? "")' is not understood")
            }
            return nil
        }
        let constraintName = try constraintName()
        if let deferral = deferral() {
            try postpone(deferral, in: &column)
            return try columnClause(of: &column)
        }
        return SQLiteDefinition.Clause(name: constraintName, try columnContent())
    }

    /// `DEFERRABLE` may stand behind other clauses, and is said of the last foreign key.
    private func postpone(
        _ deferral: String, in column: inout SQLiteDefinition.Column
    ) throws(UnreadableDefinition) {
        for index in column.clauses.indices.reversed() {
            guard case .foreignKey(var reference) = column.clauses[index].content else { continue }
            reference.attributes.append(deferral)
            column.clauses[index].content = .foreignKey(reference)
            return
        }
        throw refusal("'\(deferral)' does not follow a foreign key")
    }

    private mutating func columnContent() throws(UnreadableDefinition) -> SQLiteDefinition.Content {
        if take("NOT") {
            guard take("NULL") else { throw refusal("NOT stands without NULL") }
            return .notNull(conflict: conflict())
        }
        if take("NULL") {
            _ = conflict()
            return .null
        }
        if take("PRIMARY") {
            guard take("KEY") else { throw refusal("PRIMARY stands without KEY") }
            let order = order()
            let conflict = conflict()
            return .primaryKey(
                SQLiteKey(order: order, conflict: conflict, isAutoincrement: take("AUTOINCREMENT")))
        }
        if take("UNIQUE") { return .unique(SQLiteKey(conflict: conflict())) }
        if take("CHECK") { return .check(try condition()) }
        if take("DEFAULT") { return .defaultValue(try defaultValue()) }
        if take("COLLATE") { return .collation(try name()) }
        if take("REFERENCES") { return .foreignKey(try reference(from: [])) }
        if take("GENERATED") { position += 1 }
        guard take("AS") else { throw refusal("'\(here?.text ?? "")' is not understood") }
        let expression = try inner()
        return .generated(
            expression, storage: take("STORED") ? "STORED" : take("VIRTUAL") ? "VIRTUAL" : nil)
    }

    private mutating func defaultValue() throws(UnreadableDefinition) -> String {
        let start = position
        if isSymbol("(") {
            guard group() != nil else { throw refusal("a parenthesis is not closed") }
            return text(start..<position)
        }
        if isSymbol("-") || isSymbol("+") { position += 1 }
        guard here != nil else { throw refusal("DEFAULT stands without a value") }
        position += 1
        return text(start..<position)
    }
}

// MARK: - Constraints of the table

extension DefinitionReader {
    private var isAtTableConstraint: Bool {
        ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains { isKeyword($0) }
    }

    private mutating func tableConstraint() throws(UnreadableDefinition) -> SQLiteDefinition.Clause {
        let constraintName = try constraintName()
        if take("PRIMARY") {
            guard take("KEY") else { throw refusal("PRIMARY stands without KEY") }
            return .init(name: constraintName, .primaryKey(try key()))
        }
        if take("UNIQUE") { return .init(name: constraintName, .unique(try key())) }
        if take("CHECK") {
            let content = SQLiteDefinition.Content.check(try condition())
            _ = conflict()
            return .init(name: constraintName, content)
        }
        guard take("FOREIGN"), take("KEY") else { throw refusal("'\(here?.text ?? "")' is not understood") }
        let columns = try names()
        guard take("REFERENCES") else { throw refusal("a foreign key points at nothing") }
        return .init(name: constraintName, .foreignKey(try reference(from: columns)))
    }

    private mutating func key() throws(UnreadableDefinition) -> SQLiteKey {
        guard takeSymbol("(") else { throw refusal("a key names no columns") }
        var key = SQLiteKey()
        repeat {
            var part = SQLiteKey.Part(column: try name())
            if take("COLLATE") { part.collation = try name() }
            part.order = order()
            key.parts.append(part)
        } while takeSymbol(",")
        key.isAutoincrement = take("AUTOINCREMENT")
        guard takeSymbol(")") else { throw refusal("a key is made of something other than columns") }
        key.conflict = conflict()
        return key
    }

    private mutating func reference(from columns: [String]) throws(UnreadableDefinition) -> SQLiteReference {
        var reference = SQLiteReference(columns: columns, table: try name())
        if isSymbol("(") { reference.targets = try names() }
        while true {
            if take("ON") {
                guard let event = word() else { throw refusal("ON stands without an event") }
                reference.attributes.append("ON \(event) \(try action())")
            } else if take("MATCH") {
                reference.attributes.append("MATCH \(try name())")
            } else if let deferral = deferral() {
                reference.attributes.append(deferral)
            } else {
                return reference
            }
        }
    }

    private mutating func action() throws(UnreadableDefinition) -> String {
        guard let first = word() else { throw refusal("a foreign key's action is missing") }
        guard first == "SET" || first == "NO", let second = word() else { return first }
        return "\(first) \(second)"
    }

    /// `[NOT] DEFERRABLE [INITIALLY ...]`.
    private mutating func deferral() -> String? {
        let start = position
        let negation = take("NOT") ? "NOT " : ""
        guard take("DEFERRABLE") else {
            position = start
            return nil
        }
        guard take("INITIALLY"), let moment = word() else { return negation + "DEFERRABLE" }
        return "\(negation)DEFERRABLE INITIALLY \(moment)"
    }
}

// MARK: - Pieces

extension DefinitionReader {
    private mutating func constraintName() throws(UnreadableDefinition) -> String? {
        take("CONSTRAINT") ? try name() : nil
    }

    private mutating func conflict() -> String? {
        guard isKeyword("ON"), isKeyword("CONFLICT", ahead: 1) else { return nil }
        position += 2
        return word()
    }

    private mutating func order() -> String? { take("ASC") ? "ASC" : take("DESC") ? "DESC" : nil }

    private mutating func condition() throws(UnreadableDefinition) -> String { try inner() }

    /// What stands between the parentheses that open here.
    private mutating func inner() throws(UnreadableDefinition) -> String {
        guard let group = group() else { throw refusal("a parenthesis is missing") }
        return group.count > 2 ? text(group.lowerBound + 1..<group.upperBound - 1) : ""
    }

    private mutating func names() throws(UnreadableDefinition) -> [String] {
        guard takeSymbol("(") else { throw refusal("a list of columns is missing") }
        var names = [try name()]
        while takeSymbol(",") { names.append(try name()) }
        guard takeSymbol(")") else { throw refusal("a list of columns is not closed") }
        return names
    }

    /// SQLite takes a string for a name as well.
    private mutating func name() throws(UnreadableDefinition) -> String {
        guard let token = here, token.kind == .string || token.name != nil else {
            throw refusal("a name is missing")
        }
        position += 1
        return token.unquoted
    }

    /// The next word, in capitals.
    private mutating func word() -> String? {
        guard let token = here, token.kind == .word else { return nil }
        position += 1
        return token.text.uppercased()
    }

    /// Passes over the parentheses that open here, and returns all their tokens' places.
    private mutating func group() -> Range<Int>? {
        guard isSymbol("(") else { return nil }
        var depth = 0
        for index in position..<tokens.count {
            if tokens[index].isSymbol("(") { depth += 1 }
            if tokens[index].isSymbol(")") { depth -= 1 }
            guard depth == 0 else { continue }
            defer { position = index + 1 }
            return position..<index + 1
        }
        return nil
    }

    private func text(_ range: Range<Int>) -> String {
        let bytes = tokens[range.lowerBound].range.lowerBound..<tokens[range.upperBound - 1].range.upperBound
        return String(decoding: source[bytes], as: UTF8.self)
    }

    private var here: SQLToken? { position < tokens.count ? tokens[position] : nil }

    private func isKeyword(_ keyword: String, ahead: Int = 0) -> Bool {
        position + ahead < tokens.count && tokens[position + ahead].isKeyword(keyword)
    }

    private func isSymbol(_ symbol: String) -> Bool { here?.isSymbol(symbol) ?? false }

    private mutating func take(_ keyword: String) -> Bool {
        guard isKeyword(keyword) else { return false }
        position += 1
        return true
    }

    private mutating func takeSymbol(_ symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        position += 1
        return true
    }

    private func refusal(_ reason: String) -> UnreadableDefinition { UnreadableDefinition(reason: reason) }
}
