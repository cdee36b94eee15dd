/// What stands in one column of one animal, or that there is no such animal.
///
/// Two texts are equal when their bytes are: `é` in one code point and `é` in two are different values, although
/// Swift's own `==` takes them for the same.
enum Cell: Sendable {
    case gone
    case null
    case text(String)

    /// The cell of a column that may be NULL.
    init(_ text: String?) {
        self = text.map(Cell.text) ?? .null
    }
}

extension Cell: Equatable {
    static func == (one: Cell, other: Cell) -> Bool {
        switch (one, other) {
        case (.gone, .gone), (.null, .null): true
        case (.text(let one), .text(let other)): one.utf8.elementsEqual(other.utf8)
        case (.gone, _), (.null, _), (.text, _): false
        }
    }
}

extension Cell: CustomStringConvertible {
    /// The value as a person reads it, cut where it is long.
    var description: String {
        switch self {
        case .gone: "no such animal"
        case .null: "NULL"
        case .text(let text) where text.count > 48: "'\(text.prefix(40))...' (\(text.count) characters)"
        case .text(let text): "'\(text)'"
        }
    }
}
