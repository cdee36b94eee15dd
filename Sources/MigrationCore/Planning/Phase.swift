/// The four phases of a migration, in their order.
public enum Phase: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case doubleWrite = "double-write"
    case expand
    case transition
    case contract

    /// Whether one phase comes before another.
    public static func < (left: Phase, right: Phase) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}
