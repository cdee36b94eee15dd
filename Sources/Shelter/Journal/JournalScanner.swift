/// Takes a journal's line apart, from left to right.
struct JournalScanner {
    private var rest: Substring.UTF8View

    init(_ line: String) {
        rest = Substring(line).utf8
    }

    /// The next word: everything up to a space.
    mutating func word() throws(JournalError) -> String {
        skipSpaces()
        let word = rest.prefix { $0 != UInt8(ascii: " ") }
        guard !word.isEmpty else { throw JournalError(problem: "it ends too early") }
        rest = rest[word.endIndex...]
        return String(Substring(word))
    }

    mutating func number<Number: FixedWidthInteger>() throws(JournalError) -> Number {
        let word = try word()
        guard let number = Number(word) else { throw JournalError(problem: "'\(word)' is not a number") }
        return number
    }

    mutating func moment() throws(JournalError) -> Moment {
        Moment(nanoseconds: try number())
    }

    /// A text in double quotes.
    mutating func string() throws(JournalError) -> String {
        skipSpaces()
        guard rest.first == UInt8(ascii: "\"") else {
            throw JournalError(problem: "a quoted text is missing")
        }
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                bytes.append(try unescaped(rest.popFirst()))
            default:
                bytes.append(byte)
            }
        }
        throw JournalError(problem: "a quoted text does not end")
    }

    /// `name="Rex" cage=null species=gone`, to the end of the line.
    mutating func cells() throws(JournalError) -> [Animal.Column: Cell] {
        var cells: [Animal.Column: Cell] = [:]
        skipSpaces()
        while !rest.isEmpty {
            let name = String(Substring(rest.prefix { $0 != UInt8(ascii: "=") }))
            guard let column = Animal.Column(rawValue: name) else {
                throw JournalError(problem: "no column '\(name)'")
            }
            rest = rest.dropFirst(name.utf8.count + 1)
            cells[column] = rest.first == UInt8(ascii: "\"") ? .text(try string()) : try namedCell()
            skipSpaces()
        }
        guard !cells.isEmpty else { throw JournalError(problem: "no column is named") }
        return cells
    }

    func end() throws(JournalError) {
        guard rest.isEmpty else { throw JournalError(problem: "'\(String(Substring(rest)))' is too much") }
    }

    private mutating func namedCell() throws(JournalError) -> Cell {
        switch try word() {
        case "null": return .null
        case "gone": return .gone
        case let word: throw JournalError(problem: "'\(word)' is no value")
        }
    }

    private func unescaped(_ byte: UInt8?) throws(JournalError) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte ?? 0
        default: throw JournalError(problem: "an unknown escape")
        }
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == UInt8(ascii: " ") }
    }
}
