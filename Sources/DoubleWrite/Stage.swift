/// What the helper does now for one change. A recorded row holds it, with an epoch that every flip advances.
public enum Stage: String, Sendable, Hashable, Codable, CaseIterable {
    /// The new column is missing: write and read the old one.
    case old

    /// Write both, read the old one: it is the truth.
    case both

    /// Write both, read the new one: it is the truth.
    case bothReadNew = "both-read-new"

    /// Write and read the new one only.
    case new

    /// As ``new``, for ever: the old column is gone, or bears another name.
    case done
}
