/// Why nothing could be rehearsed.
public struct RehearsalError: Error, Sendable, CustomStringConvertible {
    /// What failed, why, and what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
