import DoubleWrite

/// A few rows: the names of the columns, and the values of each.
struct SamplesJSON: Encodable {
    var columns: [String]
    var rows: [[Value]]

    init(_ rows: ResultSet) {
        columns = rows.columns
        self.rows = rows.rows.map { $0.map(Value.init) }
    }

    /// A value as JSON has it; what JSON has no form for, and text behind 40 characters, as the text of the report.
    struct Value: Encodable {
        let value: SQLValue

        init(_ value: SQLValue) { self.value = value }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .null: try container.encodeNil()
            case .boolean(let boolean): try container.encode(boolean)
            case .integer(let integer): try container.encode(integer)
            case .real(let real) where real.isFinite: try container.encode(real)
            case .text(let text): try container.encode(text.count > 40 ? text.prefix(40) + "..." : text)
            case .real, .blob: try container.encode(value.words)
            }
        }
    }
}
