/// What could not be made: a throw-away server, a folder, a program.
public struct ScratchError: Error, Sendable, CustomStringConvertible {
    /// What failed, why, and what to do.
    public let description: String

    /// An error that says so.
    public init(_ description: String) { self.description = description }
}
