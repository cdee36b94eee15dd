/// Names that are legal and that break whatever pastes them into SQL, a URL, a path or a message.
public enum HostileNames {
    /// Each of at most 63 bytes, so that PostgreSQL keeps it whole; all different.
    public static let all: [String] = [
        "plain",
        "double\"quote", "\"", "\"\"",
        "single'quote", "back`tick", "[bracket]",
        "with space", " leading", "trailing ",
        "select", "user", "Order", "null", "MixedCase",
        "semi;colon", "drop table x; --", "/* comment */", "--",
        "$1", "$$", "?1", ":name", "@here", "%s", "100%",
        "back\\slash", "\\", "E'\\n'",
        "dot.ted", "comma,ted", "paren(theses)",
        "tab\there", "line\nbreak",
        "🐕", "naïve", "犬の名前", "e\u{301}",
        "1", "1st", "_",
        longASCII, longMultibyte,
    ]

    /// Exactly 63 bytes, one each.
    public static let longASCII = String(repeating: "abcdefghi_", count: 6) + "xyz"

    /// Exactly 63 bytes in 21 characters of three.
    public static let longMultibyte = String(repeating: "犬", count: 21)
}
