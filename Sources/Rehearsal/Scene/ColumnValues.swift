internal import DoubleWrite
internal import MigrationCore

/// Values for a column, from its type and from what its table says of it.
struct ColumnValues {
    let column: Column
    /// The labels, where it is of an enumerated type.
    private let labels: [String]
    /// The constants of the CHECKs that speak of it.
    private let mined: [SQLValue]
    private let dialect: Dialect

    init(_ column: Column, of table: Table, in schema: Schema, mentionedIn texts: [String]) {
        self.column = column
        dialect = schema.dialect
        labels =
            schema.enums.first {
                column.type == $0.name.name || column.type == schema.dialect.quote($0.name.name)
                    || column.type == "\($0.name)"
            }?.labels ?? []
        let checks = table.checks.filter { $0.columns.contains(column.name) }.map { check in
            check.definition.sql(schema.dialect)
        }
        mined = (checks + texts).flatMap(Self.constants)
    }

    /// A value of the `number`-th row: different numbers give different values where the type has that many.
    func value(_ number: Int, _ random: inout RandomNumbers) -> SQLValue {
        if column.isNullable, random.chance(12) { return .null }
        if !mined.isEmpty, random.chance(35), let constant = random.pick(mined) { return constant }
        if !labels.isEmpty { return .text(labels[number % labels.count]) }
        switch dialect {
        case .postgres: return postgres(number, &random)
        case .sqlite: return sqlite(number, &random)
        }
    }

    /// As text where PostgreSQL reads the type from it.
    private func postgres(_ number: Int, _ random: inout RandomNumbers) -> SQLValue {
        switch Self.base(column.type) {
        case "boolean": return .boolean(number.isMultiple(of: 2))
        case "smallint", "integer", "bigint", "oid": return .integer(Int64(number + 1))
        case "numeric", "money", "real", "double precision": return .text("\(number + 1).5")
        case "uuid": return .text("00000000-0000-4000-8000-" + Self.padded(number, to: 12))
        case "date": return .text(Self.day(number))
        case "timestamp without time zone", "timestamp": return .text("\(Self.day(number)) 10:30:00")
        case "timestamp with time zone", "timestamptz": return .text("\(Self.day(number)) 10:30:00+00")
        case "time without time zone", "time with time zone", "time":
            return .text("10:\(Self.padded(number % 60, to: 2)):00")
        case "interval": return .text("\(number + 1) days")
        case "json", "jsonb": return .text("{\"n\": \(number)}")
        case "bytea": return .blob([UInt8(number % 256), 0, 255])
        case "inet", "cidr": return .text("10.0.\(number / 250).\(number % 250 + 1)")
        case "xml": return .text("<n>\(number)</n>")
        case "point": return .text("(\(number),0)")
        case let type where type.hasSuffix("[]"): return .text("{}")
        default: return .text(shortened(Self.words(number, &random)))
        }
    }

    private func sqlite(_ number: Int, _ random: inout RandomNumbers) -> SQLValue {
        let type = column.type.lowercased()
        if type.contains("bool") { return .integer(Int64(number % 2)) }
        if type.contains("int") { return .integer(Int64(number + 1)) }
        if type.contains("date") || type.contains("time") { return .text("\(Self.day(number)) 10:30:00") }
        if type.contains("blob") { return .blob([UInt8(number % 256), 0, 255]) }
        if ["real", "floa", "doub", "num", "dec"].contains(where: type.contains) {
            return .real(Double(number) + 0.5)
        }
        return .text(shortened(Self.words(number, &random)))
    }

    /// One word, several, a number: what a change of shape has to tell apart.
    private static func words(_ number: Int, _ random: inout RandomNumbers) -> String {
        switch random.below(6) {
        case 0, 1: "Rex\(number)"
        case 2: "Ann\(number) Lee"
        case 3: "Jo\(number) de la Cruz"
        case 4: "Zoé \(number)'s 🐕"
        default: "\(number + 1)"
        }
    }

    /// Within the length that a type allows: `character varying(20)`.
    private func shortened(_ text: String) -> String {
        let digits = column.type.drop { $0 != "(" }.dropFirst().prefix { $0.isNumber }
        guard let limit = Int(digits), text.count > limit else { return text }
        return String(text.prefix(limit))
    }

    private static func base(_ type: String) -> String {
        guard let open = type.firstIndex(of: "("), let close = type.lastIndex(of: ")") else { return type }
        let rest = type[type.index(after: close)...]
        return String(type[..<open].reversed().drop { $0 == " " }.reversed()) + rest
    }

    private static func day(_ number: Int) -> String {
        "20\(padded(20 + number / 336, to: 2))-\(padded(number / 28 % 12 + 1, to: 2))-\(padded(number % 28 + 1, to: 2))"
    }

    private static func padded(_ number: Int, to digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The texts and numbers that stand in a condition.
    private static func constants(of text: String) -> [SQLValue] {
        SQLTokens(text).compactMap { token in
            switch token.kind {
            case .string: .text(token.unquoted)
            case .number: Int64(token.text).map { .integer($0 + 1) }
            case .word, .quotedName, .parameter, .symbol: nil
            }
        }
    }
}
