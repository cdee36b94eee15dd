/// How words stand out: by colour on a terminal, not at all elsewhere.
struct Style: Sendable, Hashable {
    /// Whether the reader sees colours.
    var usesColour: Bool

    /// No colour: files, pipes, tests.
    static let plain = Style(usesColour: false)

    init(usesColour: Bool) { self.usesColour = usesColour }

    /// Colour on a terminal, unless NO_COLOR says otherwise (<https://no-color.org>).
    init(isTerminal: Bool, variables: [String: String]) {
        usesColour = isTerminal && variables["NO_COLOR", default: ""].isEmpty
    }

    /// The colours, by what they are for (<https://en.wikipedia.org/wiki/ANSI_escape_code#SGR>).
    enum Tone: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
        case cyan = "36"
    }

    /// A text in a tone.
    func callAsFunction(_ text: String, _ tone: Tone) -> String {
        usesColour && !text.isEmpty ? "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m" : text
    }
}
