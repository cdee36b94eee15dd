/// The tokens of an SQL text as PostgreSQL reads it, without white space and comments.
///
/// For finding where statements begin, never for editing them. It follows the server's own scanner
/// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>): dollar quotes, `E'...'` with its backslashes,
/// strings that go on behind a line's end, comments within comments. Something that is not closed runs to the end.
///
///     PostgresTokens("DO $$ BEGIN COMMIT; END $$").map(\.text)   // DO $$ BEGIN COMMIT; END $$
struct PostgresTokens: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func next() -> SQLToken? {
        skipBlanks()
        guard position < bytes.count else { return nil }
        let start = position
        let kind = scan()
        let range = start..<position
        return SQLToken(kind: kind, text: String(decoding: bytes[range], as: UTF8.self), range: range)
    }
}

extension PostgresTokens {
    private static let quote = UInt8(ascii: "'")
    private static let doubleQuote = UInt8(ascii: "\"")
    private static let dollar = UInt8(ascii: "$")

    private func byte(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while let byte = byte(), condition(byte) { position += 1 }
    }

    private mutating func skipBlanks() {
        while let first = byte() {
            switch (first, byte(1)) {
            case (0x20, _), (0x09...0x0D, _):
                position += 1
            case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                skip { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                skipBlockComment()
            default:
                return
            }
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        while let first = byte() {
            switch (first, byte(1)) {
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                position += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                position += 2
                if depth == 0 { return }
            default:
                position += 1
            }
        }
    }

    /// Moves behind the token that starts here.
    private mutating func scan() -> SQLToken.Kind {
        let first = bytes[position]
        switch first {
        case Self.quote:
            skipString(escapes: false)
            return .string
        case Self.doubleQuote:
            skipQuoted(by: first, escapes: false)
            return .quotedName
        case Self.dollar:
            return scanDollar()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            skip { Self.isNamePart($0) || $0 == UInt8(ascii: ".") }
            return .number
        default:
            guard Self.isNameStart(first) else {
                position += 1
                return .symbol
            }
            return scanWord()
        }
    }

    /// A word, or a string or name whose prefix it is: `E'...'`, `B'...'`, `X'...'`, `N'...'`, `U&'...'`, `U&"..."`.
    private mutating func scanWord() -> SQLToken.Kind {
        let letter = bytes[position] | 0x20
        if "ebxn".utf8.contains(letter), byte(1) == Self.quote {
            position += 1
            skipString(escapes: letter == UInt8(ascii: "e"))
            return .string
        }
        if letter == UInt8(ascii: "u"), byte(1) == UInt8(ascii: "&"), let mark = byte(2),
            mark == Self.quote || mark == Self.doubleQuote
        {
            position += 2
            if mark == Self.quote { skipString(escapes: false) } else { skipQuoted(by: mark, escapes: false) }
            return mark == Self.quote ? .string : .quotedName
        }
        skip(while: Self.isNamePart)
        return .word
    }

    /// `$1`, `$$...$$` or `$tag$...$tag$`.
    private mutating func scanDollar() -> SQLToken.Kind {
        var end = position + 1
        while end < bytes.count, Self.isNamePart(bytes[end]), bytes[end] != Self.dollar { end += 1 }
        let startsWithDigit = byte(1).map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        guard end < bytes.count, bytes[end] == Self.dollar, !startsWithDigit else {
            position = startsWithDigit ? end : position + 1
            return startsWithDigit ? .parameter : .symbol
        }
        let mark = bytes[position...end]
        position = end + 1
        while position < bytes.count, !bytes[position...].starts(with: mark) { position += 1 }
        position = Swift.min(position + mark.count, bytes.count)
        return .string
    }

    /// A string with what follows it behind a line's end, which is read by the same rules.
    private mutating func skipString(escapes: Bool) {
        while true {
            skipQuoted(by: Self.quote, escapes: escapes)
            let end = position
            skipBlanks()
            let isNewLine = bytes[end..<position].contains {
                $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
            }
            guard isNewLine, byte() == Self.quote else {
                position = end
                return
            }
        }
    }

    private mutating func skipQuoted(by mark: UInt8, escapes: Bool) {
        position += 1
        while let here = byte() {
            position += 1
            if escapes, here == UInt8(ascii: "\\") {
                position = Swift.min(position + 1, bytes.count)
            } else if here == mark {
                guard byte() == mark else { return }
                position += 1
            }
        }
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            0x80...0xFF:
            true
        default:
            false
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        isNameStart(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == dollar
    }
}
