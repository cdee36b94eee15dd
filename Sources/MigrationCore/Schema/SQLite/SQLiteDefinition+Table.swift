import DoubleWrite

extension Table {
    /// The table's definition: what its stored text says, or (followed from files alone) what the table's parts say.
    ///
    /// - Throws: ``UnreadableDefinition`` where the stored text says something that a definition does not hold.
    public func sqliteDefinition() throws(UnreadableDefinition) -> SQLiteDefinition {
        guard let definition else { return described }
        return try SQLiteDefinition(definition)
    }

    /// The definition as far as the table's parts tell it.
    var described: SQLiteDefinition {
        var definition = SQLiteDefinition(
            columns: columns.map(\.described), isWithoutRowID: isWithoutRowID)
        if !primaryKey.isEmpty {
            definition.constraints.append(.init(.primaryKey(SQLiteKey(columns: primaryKey))))
        }
        definition.constraints += uniqueConstraints.map {
            .init(name: $0.name, .unique(SQLiteKey(columns: $0.columns)))
        }
        definition.constraints += checks.map { check in
            .init(name: check.name, .check(Self.condition(check.definition.sql(.sqlite))))
        }
        definition.constraints += foreignKeys.map { key in
            .init(name: key.name, .foreignKey(SQLiteReference(key)))
        }
        return definition
    }

    /// `a > 0` of `CHECK (a > 0)`.
    static func condition(_ check: String) -> String {
        let inner = check.drop { $0 != "(" }.dropFirst().dropLast()
        return SQLLiteral.trimmed(String(inner))
    }
}

extension Column {
    fileprivate var described: SQLiteDefinition.Column {
        var clauses: [SQLiteDefinition.Clause] = []
        if !isNullable { clauses.append(.init(.notNull(conflict: nil))) }
        if let defaultValue { clauses.append(.init(.defaultValue(SQLiteLiteral.defaultText(defaultValue)))) }
        if let collation { clauses.append(.init(.collation(collation))) }
        if let generated { clauses.append(.init(.generated(generated, storage: nil))) }
        return SQLiteDefinition.Column(name: name, type: type, clauses: clauses)
    }
}

extension SQLiteKey {
    /// A plain key of these columns.
    init(columns: [String]) { self.init(parts: columns.map { Part(column: $0) }) }
}

extension SQLiteReference {
    /// A foreign key of the model, said of the table.
    init(_ key: ForeignKey) {
        self.init(
            columns: key.columns, table: key.target.table.name, targets: key.target.columns,
            attributes: Self.actions(key.target) + [key.attributes].compactMap { $0 })
    }

    /// Whether the database itself writes by it (CASCADE, SET NULL, SET DEFAULT).
    var writes: Bool {
        attributes.contains { attribute in
            attribute.hasPrefix("ON ") && (attribute.hasSuffix(" CASCADE") || attribute.contains(" SET "))
        }
    }

    static func actions(_ target: ForeignKeyTarget) -> [String] {
        [("ON UPDATE", target.onUpdate), ("ON DELETE", target.onDelete)]
            .filter { $0.1 != .noAction }.map { "\($0.0) \($0.1.rawValue)" }
    }
}

extension SQLiteLiteral {
    /// What may stand behind DEFAULT: a constant as it is, anything else in parentheses.
    static func defaultText(_ text: String) -> String {
        let isWord = ["current_time", "current_date", "current_timestamp"].contains(text.lowercased())
        let isGroup = SQLLiteral.trimmed(text).hasPrefix("(") && isOneGroup(text)
        let expression = SQLiteDefinition.expression(text)
        return isConstant(text) || isWord || isGroup ? expression : expression.parenthesized
    }

    /// Whether the text's first parenthesis closes at its end.
    private static func isOneGroup(_ text: String) -> Bool {
        let tokens = Array(SQLTokens(text))
        var depth = 0
        for (index, token) in tokens.enumerated() {
            if token.isSymbol("(") { depth += 1 }
            if token.isSymbol(")") { depth -= 1 }
            if depth == 0 { return index == tokens.count - 1 }
        }
        return false
    }
}

extension SQLiteDefinition {
    /// An expression without what stands before its first and behind its last token: so it reads back from a definition.
    static func expression(_ text: String) -> String {
        let tokens = Array(SQLTokens(text))
        guard let first = tokens.first, let last = tokens.last else { return text }
        let bytes = Array(text.utf8)[first.range.lowerBound..<last.range.upperBound]
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Every clause, with the column that it is said of.
    var clauses: [(clause: Clause, column: String?)] {
        columns.flatMap { column in column.clauses.map { ($0, Optional(column.name)) } }
            + constraints.map { ($0, nil) }
    }

    /// The clauses of that name.
    func named(_ name: String) -> [(clause: Clause, column: String?)] {
        clauses.filter { $0.clause.name.map { Dialect.sqlite.sameName($0, name) } ?? false }
    }

    /// A column's clause of the wanted kind.
    func clause(of column: String, where isWanted: (Content) -> Bool) -> Clause? {
        self.column(column)?.clauses.first { isWanted($0.content) }
    }
}
