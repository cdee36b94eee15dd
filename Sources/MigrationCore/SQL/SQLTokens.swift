/// The tokens of an SQL text as SQLite reads it, without white space and comments.
///
/// For finding what a stored definition mentions, never for editing it. It follows SQLite's own tokenizer
/// (<https://www.sqlite.org/src/file/src/tokenize.c>): four styles of quotes, both styles of comments, names
/// of any byte from 0x80. Something that is not closed runs to the end of the text.
///
///     SQLTokens("CREATE INDEX i ON [t] (a) -- why").map(\.text)   // CREATE INDEX i ON [t] ( a )
public struct SQLTokens: Sequence, IteratorProtocol, Sendable {
    private let bytes: [UInt8]
    private var position = 0

    /// The tokens of `text`, read one by one as they are asked for.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The next token, `nil` at the end.
    public mutating func next() -> SQLToken? {
        skipBlanks()
        guard position < bytes.count else { return nil }
        let start = position
        let kind = scan()
        let range = start..<position
        return SQLToken(kind: kind, text: String(decoding: bytes[range], as: UTF8.self), range: range)
    }
}

extension SQLTokens {
    private func byte(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while let byte = byte(), condition(byte) { position += 1 }
    }

    private mutating func skipBlanks() {
        while let first = byte() {
            switch (first, byte(1)) {
            case (0x20, _), (0x09...0x0A, _), (0x0C...0x0D, _):
                position += 1
            case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                skip { $0 != UInt8(ascii: "\n") }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                skipBlockComment()
            case (0xEF, 0xBB) where byte(2) == 0xBF:
                position += 3
            default:
                return
            }
        }
    }

    private mutating func skipBlockComment() {
        position += 2
        while position < bytes.count {
            if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                position += 2
                return
            }
            position += 1
        }
    }

    /// Moves behind the token that starts here.
    private mutating func scan() -> SQLToken.Kind {
        let first = bytes[position]
        switch first {
        case UInt8(ascii: "'"):
            skipQuoted(by: first)
            return .string
        case UInt8(ascii: "\""), UInt8(ascii: "`"):
            skipQuoted(by: first)
            return .quotedName
        case UInt8(ascii: "["):
            skip { $0 != UInt8(ascii: "]") }
            position = Swift.min(position + 1, bytes.count)
            return .quotedName
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard byte(1) == UInt8(ascii: "'") else { return scanWord() }
            position += 1
            skipQuoted(by: UInt8(ascii: "'"))
            return .string
        case UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "$"):
            position += 1
            skip { Self.isNamePart($0) || $0 == UInt8(ascii: ":") }
            return .parameter
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return scanNumber()
        case UInt8(ascii: "."):
            guard let second = byte(1), Self.isDigit(second) else { return scanSymbol() }
            return scanNumber()
        default:
            return Self.isNamePart(first) ? scanWord() : scanSymbol()
        }
    }

    private mutating func scanWord() -> SQLToken.Kind {
        skip(while: Self.isNamePart)
        return .word
    }

    private mutating func scanSymbol() -> SQLToken.Kind {
        position += 1
        return .symbol
    }

    private mutating func scanNumber() -> SQLToken.Kind {
        while let here = byte(), Self.isNamePart(here) || here == UInt8(ascii: ".") {
            position += 1
            let isExponent = here == UInt8(ascii: "e") || here == UInt8(ascii: "E")
            guard isExponent, let sign = byte(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
                let digit = byte(1), Self.isDigit(digit)
            else { continue }
            position += 1
        }
        return .number
    }

    private mutating func skipQuoted(by mark: UInt8) {
        position += 1
        while let here = byte() {
            position += 1
            guard here == mark else { continue }
            guard byte() == mark else { return }
            position += 1
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF:
            true
        default:
            false
        }
    }
}
