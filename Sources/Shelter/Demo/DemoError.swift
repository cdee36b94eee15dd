/// Why the demo ended before its end.
struct DemoError: Error, CustomStringConvertible {
    /// What happened, and what it means.
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Somebody pressed Ctrl-C.
    static let interrupted = DemoError("stopped; everything that was started is gone")
}
