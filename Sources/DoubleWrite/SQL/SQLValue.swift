/// A value on its way to or from a database. NULL is a value like any other.
public enum SQLValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral
{
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .real(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
}

extension SQLValue {
    /// Whether this is SQL's NULL.
    public var isNull: Bool { self == .null }

    /// The text, where this is a text.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The integer, where this is an integer (or a boolean, which SQLite stores as one).
    public var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .boolean(let boolean): boolean ? 1 : 0
        case .null, .real, .text, .blob: nil
        }
    }

    /// The truth, where this is a boolean, or an integer as SQLite stores booleans.
    public var boolean: Bool? {
        switch self {
        case .boolean(let boolean): boolean
        case .integer(let integer): integer != 0
        case .null, .real, .text, .blob: nil
        }
    }
}
