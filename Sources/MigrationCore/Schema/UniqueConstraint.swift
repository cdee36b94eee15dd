/// A UNIQUE constraint (not a mere unique index).
public struct UniqueConstraint: Sendable, Hashable, Codable {
    /// The constraint's name; `nil` in SQLite, which has none to drop it by.
    public var name: String?
    public var columns: [String]
    /// PostgreSQL: `DEFERRABLE`, `INITIALLY DEFERRED`, `NULLS NOT DISTINCT`: anything beyond the plain form, as SQL.
    public var attributes: String?

    public init(name: String?, columns: [String], attributes: String? = nil) {
        self.name = name
        self.columns = columns
        self.attributes = attributes
    }
}
