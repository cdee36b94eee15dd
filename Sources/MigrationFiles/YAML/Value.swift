/// A value of a YAML or JSON document, with the place it stands at. Scalars are text, whatever YAML takes
/// them for.
struct Value: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        /// The text as written; `isPlain` without quotes.
        case scalar(String, isPlain: Bool)
        case list([Value])
        case mapping([Entry])
    }

    struct Entry: Sendable, Hashable {
        var key: String
        var keyPosition: SourcePosition
        var value: Value
    }

    var content: Content
    var position: SourcePosition
}

extension Value {
    /// The text of a scalar.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// The entries of a mapping; none for anything else.
    var entries: [Entry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// The values of a list; none for anything else.
    var values: [Value] {
        if case .list(let values) = content { values } else { [] }
    }

    /// The value of a mapping's key.
    subscript(key: String) -> Value? { entries.first { $0.key == key }?.value }

    /// Whether nothing stands there: `table:` with no value behind it.
    var isAbsent: Bool { content == .scalar("", isPlain: true) }

    /// Whether it says that there is nothing: by no value, or by a plain `null`.
    var isNothing: Bool {
        guard case .scalar(let text, true) = content else { return false }
        return ["", "~", "null"].contains(text)
    }

    /// What it is, in words: `a list`.
    var kind: String {
        switch content {
        case .scalar(let text, _): isAbsent ? "nothing" : "'\(excerpt(text))'"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// The beginning of a text, for messages: bounded, on one line.
func excerpt(_ text: String, limit: Int = 60) -> String {
    let line = text.replacing("\n", with: " ").replacing("\0", with: "\u{2400}")
    return line.count > limit ? line.prefix(limit) + "..." : line
}
