import DoubleWrite

extension ColumnDefinition {
    /// The column as it will stand in the database, as far as files alone can tell.
    func column(_ dialect: Dialect, in table: TableName) -> Column {
        var column = Column(
            name: name, type: type[dialect] ?? "", isNullable: isNullable && !isPrimaryKey,
            defaultValue: defaultValue?[dialect], comment: dialect == .postgres ? comment : nil)
        switch dialect {
        case .postgres: column.readPostgresType(in: table)
        case .sqlite:
            column.isNullable = isNullable
            column.hasExactEquality = SQLiteAffinity(column.type).hasExactEquality
        }
        return column
    }
}

extension Column {
    /// Reads what PostgreSQL makes of the type's text: serial is an integer with a sequence, `GENERATED ... AS IDENTITY`
    /// is not part of the type.
    fileprivate mutating func readPostgresType(in table: TableName) {
        let words = type.lowercased()
        if let integer = Self.serials[words] {
            let dialect = Dialect.postgres
            let name = dialect.shortened("\(table.name)_\(self.name)", suffix: "_seq")
            let sequence = dialect.quote(TableName(schema: table.schema, name))
            type = integer
            isNullable = false
            ownedSequence = sequence
            defaultValue = "nextval(\(dialect.literal(sequence))::regclass)"
        }
        if words.contains("generated") {
            if words.contains("always as identity") { identity = "ALWAYS" }
            if words.contains("by default as identity") { identity = "BY DEFAULT" }
            if identity == nil { generated = type } else { isNullable = false }
        }
        isDefaultVolatile = defaultValue.map { !PostgresDefault.isConstant($0) } ?? false
        hasExactEquality = Self.exactTypes.contains { words == $0 || words.hasPrefix($0 + "(") }
    }

    private static let serials = [
        "smallserial": "smallint", "serial2": "smallint", "serial": "integer", "serial4": "integer",
        "bigserial": "bigint", "serial8": "bigint",
    ]

    /// Types whose `=` means identity. Of every other one that is not known from files alone.
    private static let exactTypes = [
        "smallint", "integer", "int", "bigint", "int2", "int4", "int8", "smallserial", "serial", "bigserial",
        "boolean",
        "bool", "text", "varchar", "character varying", "uuid", "bytea", "date", "timestamp", "timestamptz",
        "timestamp with time zone", "timestamp without time zone",
    ]
}

/// What can be told of a default from its text.
enum PostgresDefault {
    /// Whether it is one literal, with or without a cast: the same value for every row, for ever.
    static func isConstant(_ text: String) -> Bool {
        let text = SQLLiteral.trimmed(text)
        let literal =
            text.hasPrefix("'") ? String(text.prefix(endOfText(text))) : String(text.prefix { $0 != ":" })
        let rest = text.dropFirst(literal.count)
        let isLiteral =
            SQLLiteral.isText(literal) || SQLLiteral.isNumber(literal)
            || ["null", "true", "false"].contains(literal.lowercased())
        return isLiteral && (rest.isEmpty || isCast(rest))
    }

    /// How many characters the text literal at the beginning has.
    private static func endOfText(_ text: String) -> Int {
        var count = 1
        var characters = Array(text.dropFirst())[...]
        while let character = characters.popFirst() {
            count += 1
            guard character == "'" else { continue }
            guard characters.first == "'" else { break }
            characters.removeFirst()
            count += 1
        }
        return count
    }

    /// `::character varying(20)[]`: a type's name and nothing that could be called.
    private static func isCast(_ text: Substring) -> Bool {
        guard text.hasPrefix("::") else { return false }
        return text.dropFirst(2).allSatisfy {
            $0.isLetter || $0.isNumber || "_ .\"(),[]:".contains($0)
        } && !text.contains("()")
    }

    /// Whether PostgreSQL evaluates it once for all rows that are there: a literal, or the time of the transaction.
    static func isEvaluatedOnce(_ text: String) -> Bool {
        isConstant(text) || stable.contains(SQLLiteral.trimmed(text).lowercased())
    }

    private static let stable: Set<String> = [
        "now()", "current_timestamp", "current_date", "localtimestamp", "transaction_timestamp()",
        "current_user",
        "session_user",
    ]
}
