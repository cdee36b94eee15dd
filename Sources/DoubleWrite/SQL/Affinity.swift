/// What a column of SQLite does to a value that is stored in it, by the column's declared type
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
enum Affinity: Sendable, Hashable {
    case none, text, number, real

    /// The affinity of a column that the database has with this type.
    init(stored type: String) {
        let type = type.uppercased()
        if type.contains("INT") {
            self = .number
        } else if ["CHAR", "CLOB", "TEXT"].contains(where: type.contains) {
            self = .text
        } else if type.isEmpty || type == "ANY" || type.contains("BLOB") {
            self = .none
        } else if ["REAL", "FLOA", "DOUB"].contains(where: type.contains) {
            self = .real
        } else {
            self = .number
        }
    }

    /// The affinity of a column that is only declared: a name that SQLite does not know, as `uuid`, says nothing of how
    /// the column is made there.
    init(declared type: String) {
        let affinity = Affinity(stored: type)
        let isNamed = ["INT", "CHAR", "CLOB", "TEXT", "REAL", "FLOA", "DOUB"].contains {
            type.uppercased().contains($0)
        }
        self = isNamed ? affinity : .none
    }
}

extension Affinity {
    /// A value as the column would hold it. Only what loses nothing is converted, so this is not a cast.
    func applied(to sql: String) -> String {
        let result: String
        switch self {
        case .none: return sql
        case .text: result = "CASE WHEN typeof(v) IN ('integer', 'real') THEN CAST(v AS text) ELSE v END"
        case .number:
            result = """
                CASE WHEN typeof(v) = 'text' AND v = CAST(v AS numeric) THEN CAST(v AS numeric) \
                WHEN typeof(v) = 'real' AND v = CAST(v AS integer) THEN CAST(v AS integer) ELSE v END
                """
        case .real:
            result = """
                CASE WHEN typeof(v) = 'integer' OR typeof(v) = 'text' AND v = CAST(v AS numeric) \
                THEN CAST(v AS real) ELSE v END
                """
        }
        return "(SELECT \(result) FROM (SELECT \(sql) AS v))"
    }
}
