/// One word, name, constant or sign of an SQL text.
public struct SQLToken: Sendable, Hashable {
    /// What sort of token it is.
    public enum Kind: Sendable, Hashable {
        /// A keyword or an unquoted name.
        case word
        /// A name in double quotes, backticks or brackets. (In double quotes SQLite may also take it for a
        /// string.)
        case quotedName
        /// A constant in single quotes, `X'...'` included.
        case string
        case number
        /// `?1`, `:name`, `@name`, `$name`.
        case parameter
        /// One byte of punctuation or of an operator.
        case symbol
    }

    /// What sort of token it is.
    public var kind: Kind
    /// The token as it stands in the text.
    public var text: String
    /// Where it stands, in bytes of UTF-8.
    public var range: Range<Int>

    /// The token of that kind and text at that place.
    public init(kind: Kind, text: String, range: Range<Int>) {
        self.kind = kind
        self.text = text
        self.range = range
    }
}

extension SQLToken {
    /// Whether this is that keyword: an unquoted word, whatever its case.
    public func isKeyword(_ keyword: String) -> Bool {
        kind == .word && text.asciiFolded == keyword.asciiFolded
    }

    /// Whether this is that sign.
    public func isSymbol(_ symbol: String) -> Bool {
        kind == .symbol && text == symbol
    }

    /// The name it may stand for, without its quotes: a word's or a quoted name's, `nil` for anything else.
    public var name: String? {
        switch kind {
        case .word: text
        case .quotedName: unquoted
        case .string, .number, .parameter, .symbol: nil
        }
    }

    /// The content of something quoted (a name or a string), with doubled quotes made single ones again; the
    /// text of anything else.
    public var unquoted: String {
        guard kind == .quotedName || kind == .string, let mark = text.utf8.first else { return text }
        var bytes = Array(text.utf8.dropFirst())
        let end = mark == UInt8(ascii: "[") ? UInt8(ascii: "]") : mark
        if bytes.last == end { bytes.removeLast() }
        guard end != UInt8(ascii: "]") else { return String(decoding: bytes, as: UTF8.self) }
        var content: [UInt8] = []
        var isSecondOfPair = false
        for byte in bytes {
            isSecondOfPair = byte == end && !isSecondOfPair
            if !isSecondOfPair { content.append(byte) }
        }
        return String(decoding: content, as: UTF8.self)
    }
}

extension String {
    /// This text with `A` to `Z` made small: how SQLite compares names, which leaves every other letter
    /// alone.
    public var asciiFolded: String {
        guard utf8.contains(where: { (65...90).contains($0) }) else { return self }
        return String(decoding: utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
