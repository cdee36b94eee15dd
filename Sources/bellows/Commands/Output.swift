import Foundation

/// Where words go: results to standard output, complaints to standard error.
enum Output {
    static func write(_ text: String) {
        // A reader that has gone away, as of `| head`, is no failure of ours.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// `bellows: ` and the message.
    static func complain(_ message: String) {
        let lines = message.hasSuffix("\n") ? String(message.dropLast()) : message
        try? FileHandle.standardError.write(contentsOf: Data("bellows: \(lines)\n".utf8))
    }

    /// A reader that goes away, as of `| head -1`, does not end a run half-way.
    static func survivePipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Ends the program.
    static func leave(_ code: Int32) -> Never { exit(code) }

    /// Whether a person watches, who can be shown a line that changes.
    static var isTerminal: Bool {
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// How words stand out there.
    static var style: Style {
        Style(isTerminal: isTerminal, variables: ProcessInfo.processInfo.environment)
    }

    /// The columns to fill: the terminal's, within reason; 96 elsewhere.
    static var width: Int {
        let columns = isTerminal ? Int(terminal.ws_col) : 0
        return columns > 0 ? min(100, max(40, columns)) : 96
    }

    /// The lines that can be seen at once: the terminal's; 24 where it does not tell.
    static var height: Int {
        let lines = isTerminal ? Int(terminal.ws_row) : 0
        return lines > 0 ? max(4, lines) : 24
    }

    private static var terminal: winsize {
        var size = winsize()
        // What it does not tell stays zero.
        _ = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return size
    }
}
