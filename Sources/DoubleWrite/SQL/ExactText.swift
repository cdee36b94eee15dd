/// A text that equals another only if its bytes do.
///
/// Swift's strings are equal when they look the same: `é` in one scalar and in two. A database tells them apart, so a
/// statement must never be looked up by such an equality.
public struct ExactText: Sendable, Hashable {
    /// The text.
    public let text: String

    /// A text to be compared by its bytes.
    public init(_ text: String) { self.text = text }

    /// Whether the bytes are the same.
    public static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// By how it looks, which is the same where the bytes are.
    public func hash(into hasher: inout Hasher) { text.hash(into: &hasher) }
}
