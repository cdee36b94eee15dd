import DoubleWrite

/// What the database is asked about columns that are declared anew: whether it knows the type, and can read the default
/// and the CHECK.
struct ColumnProbes {
    private let dialect: Dialect
    /// The columns that stand beside it, which its CHECK may mention.
    private let others: [Column]
    private let schema: Schema

    /// - Parameter others: The table's other columns.
    init(beside others: [Column], in schema: Schema) {
        self.others = others
        self.schema = schema
        dialect = schema.dialect
    }

    /// - Parameter path: Where the column is declared.
    func add(_ definition: ColumnDefinition, path: String, into draft: inout OperationDraft) {
        guard let type = definition.type[dialect], isKnown(type) else { return }
        let name = definition.name
        // One that is computed mentions the columns beside it.
        let isAlone = !type.asciiFolded.contains("generated")
        if !Self.isBuiltIn(type) {
            draft.probe(
                path + ".type", "the type of '\(name)'", scratch(isAlone ? [] : others, name, type),
                advice: dialect == .postgres
                    ? "name a type that this database has" : "name a type as SQLite reads them")
        }
        if let text = definition.defaultValue?[dialect], isAlone {
            draft.probe(
                path + ".default", "the default of '\(name)'",
                scratch([], name, "\(type) DEFAULT \(defaultText(text))"),
                advice: "give an expression without columns, of the column's type")
        }
        if let text = definition.check?[dialect] {
            draft.probe(
                path + ".check", "the CHECK of '\(name)'",
                scratch(others, name, "\(type) CHECK \(text.parenthesized)"),
                advice: "give a condition over the table's columns that is true or false")
        }
    }

    /// Whether every database has the type, so that none need be asked.
    static func isBuiltIn(_ type: String) -> Bool { builtIn.contains(type.asciiFolded) }

    private static let builtIn: Set<String> = [
        "smallint", "integer", "int", "bigint", "serial", "bigserial", "text", "varchar", "boolean", "real",
        "double precision", "numeric", "date", "timestamp", "timestamptz", "uuid", "bytea", "json", "jsonb",
        "blob",
    ]

    /// Whether no type is mentioned that the same file has yet to make.
    private func isKnown(_ type: String) -> Bool {
        let planned = schema.enums.filter(\.isPlanned).map(\.name.name)
        return !([type] + others.map(\.type)).contains { type in planned.contains { type.mentions($0) } }
    }

    private func defaultText(_ text: String) -> String {
        switch dialect {
        case .postgres: PostgresDefault.isConstant(text) ? text : text.parenthesized
        case .sqlite: SQLiteLiteral.defaultText(text)
        }
    }

    private func scratch(_ others: [Column], _ name: String, _ rest: String) -> [String] {
        let columns =
            others.map { "\(dialect.quote($0.name)) \($0.type)" } + ["\(dialect.quote(name)) \(rest)"]
        return [
            "CREATE TEMPORARY TABLE \(dialect.quote("_bellows_probe")) (\(columns.joined(separator: ", ")))"
        ]
    }
}
