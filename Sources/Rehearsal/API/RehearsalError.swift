/// Why nothing could be rehearsed.
public struct RehearsalError: Error, Sendable, CustomStringConvertible {
    /// What failed, why, and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Somebody asked for the end, and nothing was found until then.
public struct RehearsalStopped: Error, Sendable {
    /// What the exit code is to be.
    public let exitCode: Int32
}
