import DoubleWrite

extension Dialect {
    /// SQL for what a column would hold of a value that is stored in it.
    ///
    /// A comparison of the column with the bare value might never end: what is stored has been rounded or converted.
    /// PostgreSQL has the type's own cast for it. SQLite converts by the column's affinity
    /// (<https://www.sqlite.org/datatype3.html#type_affinity>), which is not what CAST does: it leaves alone what it
    /// cannot convert without loss.
    ///
    /// - Parameter isCast: Whether the value is to be cast to the type in any case.
    func stored(_ value: String, in column: Column, isCast: Bool = false) -> String {
        switch self {
        case .postgres:
            return "CAST(\(value) AS \(column.type))"
        case .sqlite:
            let cast = isCast && !column.type.isEmpty ? "CAST(\(value) AS \(column.type))" : value
            return SQLiteAffinity(column.type).stored(cast, isCast: isCast)
        }
    }
}

/// How a SQLite column converts what is stored in it, by its declared type
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
public enum SQLiteAffinity: Hashable {
    case integer, text, blob, real, numeric

    /// The affinity of a column that is declared with this type.
    public init(_ type: String) {
        let folded = type.asciiFolded
        func mentions(_ words: String...) -> Bool { words.contains { folded.contains($0) } }
        if mentions("int") {
            self = .integer
        } else if mentions("char", "clob", "text") {
            self = .text
        } else if mentions("blob") || folded.isEmpty {
            self = .blob
        } else if mentions("real", "floa", "doub") {
            self = .real
        } else {
            self = .numeric
        }
    }

    /// Whether two values that a column of this affinity keeps, and `=` calls equal under the collation BINARY, are
    /// identical. A column of the other affinities may hold a number as an integer in one row and as a real in another,
    /// and that of integers does as well: a real beyond 2^51 stays what it is
    /// (<https://www.sqlite.org/datatype3.html#type_affinity>).
    public var hasExactEquality: Bool {
        switch self {
        case .text, .real: true
        case .integer, .blob, .numeric: false
        }
    }

    /// SQL for a value as a column of this affinity keeps it; one that was cast to the type needs less.
    func stored(_ value: String, isCast: Bool) -> String {
        switch self {
        case .blob: value
        case .text where isCast, .real where isCast, .integer where isCast: value
        case .text:
            Self.choose("WHEN typeof(v) IN ('integer', 'real') THEN CAST(v AS TEXT)", of: value)
        case .real:
            Self.choose(
                "WHEN typeof(v) = 'integer' OR typeof(v) = 'text' AND CAST(v AS NUMERIC) = v THEN CAST(v AS REAL)",
                of: value)
        case .integer, .numeric:
            Self.choose(
                "WHEN typeof(v) = 'real' AND CAST(v AS INTEGER) = v THEN CAST(v AS INTEGER) "
                    + "WHEN typeof(v) = 'text' AND CAST(v AS NUMERIC) = v THEN CAST(v AS NUMERIC)", of: value)
        }
    }

    private static func choose(_ cases: String, of value: String) -> String {
        "(SELECT CASE \(cases) ELSE v END FROM (SELECT \(value) AS v))"
    }
}
