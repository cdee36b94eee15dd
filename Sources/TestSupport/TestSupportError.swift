/// What a test could not be given.
public struct TestSupportError: Error, Sendable, CustomStringConvertible {
    /// What failed, why, and what to do.
    public let description: String

    /// An error that says so.
    public init(_ description: String) { self.description = description }
}
