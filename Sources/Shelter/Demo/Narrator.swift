import Foundation

/// Tells the story on standard output: headlines, paragraphs, and the commands as a person would type them.
struct Narrator {
    /// The widest line, in columns.
    private let width = 88
    private let isColoured: Bool
    private var acts = 0

    init() {
        let environment = ProcessInfo.processInfo.environment
        isColoured =
            isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
            && environment["TERM"] != "dumb"
    }

    /// A headline, and what is going on and why it is safe.
    mutating func act(_ title: String, _ text: String) {
        acts += 1
        let start = "━━ \(acts)  \(title) "
        write("\n" + bold(start + String(repeating: "━", count: max(2, width - start.count))) + "\n\n")
        tell(text)
    }

    /// A paragraph.
    func tell(_ text: String) {
        for paragraph in text.split(separator: "\n\n") {
            write(wrapped(String(paragraph)) + "\n")
        }
    }

    /// A command that is about to run, on as many lines as it needs.
    func command(_ program: String, _ arguments: [String]) {
        var lines = ["$ " + program]
        for argument in arguments {
            let last = lines.count - 1
            if lines[last].count + argument.count + 5 > width {
                lines[last] += " \\"
                lines.append("    " + argument)
            } else {
                lines[last] += " " + argument
            }
        }
        write(lines.map { "  " + bold($0) + "\n" }.joined() + "\n")
    }

    /// A fact beside the story.
    func note(_ text: String) {
        write(dim("  · " + text) + "\n")
    }

    /// What a program said, where it was not left to say it itself.
    func quote(_ lines: some Sequence<Substring>) {
        for line in lines { write(line + "\n") }
    }

    func blank() {
        write("\n")
    }

    private func wrapped(_ text: String) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !line.isEmpty, line.count + 1 + word.count > width - 2 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines.map { "  \($0)\n" }.joined()
    }

    private func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func dim(_ text: String) -> String { isColoured ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// Past every buffer, so that it stands before what a program that is started next will say.
    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

/// A whole number as a person reads it: `50,000`.
func grouped(_ number: some BinaryInteger) -> String {
    var text = ""
    for (place, digit) in String(number).reversed().enumerated() {
        if place > 0, place % 3 == 0, digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}
