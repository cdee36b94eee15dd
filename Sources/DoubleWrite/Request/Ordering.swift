/// One column by which a query's rows are ordered.
public struct Ordering: Sendable, Hashable {
    /// The column's name in the new shape.
    public let column: String

    /// Whether the greatest comes first.
    public let isDescending: Bool

    /// The least first.
    public static func ascending(_ column: String) -> Ordering {
        Ordering(column: column, isDescending: false)
    }

    /// The greatest first.
    public static func descending(_ column: String) -> Ordering {
        Ordering(column: column, isDescending: true)
    }
}
