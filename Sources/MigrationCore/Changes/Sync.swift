/// Who keeps the old and the new shape of a change in step while both are there.
public enum Sync: String, Sendable, Hashable, Codable, CaseIterable {
    /// The applications, which write both.
    case doubleWrite = "double_write"
    /// The database, by triggers in both directions, for applications that cannot.
    case trigger
}
