internal import CSQLite
internal import DoubleWrite
internal import MigrationCore

extension Introspection {
    /// A table with its columns, primary key and checks.
    func bareTable(_ name: String) throws(SQLiteError) -> Table {
        let stored = storedTables[name.asciiFolded] ?? StoredTable("")
        var table = Table(
            name: TableName(name), kind: stored.isVirtual ? .virtual : .ordinary,
            isWithoutRowID: stored.isWithoutRowID, definition: storedSQL[name.asciiFolded])
        let rows: [[SQLValue]]
        do {
            rows = try connection.query(Self.columnsOfTable, [.text(name)]).rows
        } catch  where stored.isVirtual {
            // The module that knows its columns is not there.
            return table
        }
        var key: [(number: Int64, column: String)] = []
        for row in rows {
            guard let column = column(row, of: name, stored) else { continue }
            table.columns.append(column)
            if let number = row[4].integer, number > 0 { key.append((number, column.name)) }
        }
        table.primaryKey = key.sorted { $0.number < $1.number }.map(\.column)
        table.checks = stored.checks.map { check in
            CheckConstraint(
                name: check.name, definition: SQLTemplate([.text(check.text)]),
                columns: table.columns(named: check.names))
        }
        return table
    }

    private static let columnsOfTable =
        "SELECT name, type, `notnull`, dflt_value, pk, hidden FROM pragma_table_xinfo(?1, 'main') ORDER BY cid"

    /// A column from its row; `nil` for a hidden one of a virtual table.
    private func column(_ row: [SQLValue], of table: String, _ stored: StoredTable) -> Column? {
        guard let name = row[0].text, row[5] != 1 else { return nil }
        let type = row[1].text ?? ""
        let defaultValue = row[3].text.map(StoredDefault.init)
        let collation = collation(of: name, in: table)
        return Column(
            name: name, type: type, isNullable: row[2] == 0, defaultValue: defaultValue?.sql,
            isDefaultVolatile: defaultValue?.isVolatile ?? false,
            generated: stored.generated[name.asciiFolded]?.text, collation: collation,
            hasExactEquality: collation == nil && Self.hasExactEquality(type, isStrict: stored.isStrict))
    }

    /// The collation of a column, where it is not BINARY.
    private func collation(of column: String, in table: String) -> String? {
        guard let handle = connection.openHandle else { return nil }
        var name: UnsafePointer<CChar>?
        let status = sqlite3_table_column_metadata(handle, "main", table, column, nil, &name, nil, nil, nil)
        guard status == SQLITE_OK, let collation = name.map({ String(cString: $0) }) else { return nil }
        return collation.asciiFolded == "binary" ? nil : collation
    }

    /// Whether values of a column of that type that are equal are identical. A table that is STRICT converts every value to
    /// the type, but for ANY (<https://www.sqlite.org/stricttables.html>).
    private static func hasExactEquality(_ type: String, isStrict: Bool) -> Bool {
        isStrict ? type.asciiFolded != "any" : SQLiteAffinity(type).hasExactEquality
    }
}

extension Table {
    /// The columns among these folded names.
    func columns(named names: Set<String>) -> Set<String> {
        Set(columns.map(\.name).filter { names.contains($0.asciiFolded) })
    }
}

/// A default as `pragma table_xinfo` gives it: the expression without the parentheses it may need.
struct StoredDefault {
    /// What may follow `DEFAULT`.
    let sql: String
    /// Whether it may be another value each time.
    let isVolatile: Bool

    init(_ text: String) {
        let tokens = Array(SQLTokens(text))
        let unsigned =
            tokens.first.map { $0.isSymbol("-") || $0.isSymbol("+") } == true
            ? tokens.dropFirst() : tokens[...]
        sql = unsigned.count == 1 ? text : "(\(text))"
        isVolatile = tokens.indices.contains { index in
            let isCall =
                index + 1 < tokens.count && tokens[index + 1].isSymbol("(") && tokens[index].name != nil
            let name = tokens[index].name?.asciiFolded ?? ""
            return Self.clockWords.contains(name) || isCall && !Self.immutableFunctions.contains(name)
        }
    }

    private static let clockWords: Set = ["current_time", "current_date", "current_timestamp"]

    /// What stands before a parenthesis and always gives the same for the same arguments. Anything else may
    /// not.
    private static let immutableFunctions: Set = [
        "abs", "and", "as", "cast", "char", "coalesce", "format", "hex", "ifnull", "iif", "in", "instr",
        "json",
        "json_array", "json_object", "length", "like", "lower", "ltrim", "max", "min", "not", "nullif", "or",
        "printf", "quote", "replace", "round", "rtrim", "sign", "substr", "substring", "trim", "typeof",
        "unicode",
        "upper", "when", "then", "else", "zeroblob",
    ]
}
