/// A foreign key of this table.
public struct ForeignKey: Sendable, Hashable, Codable {
    /// The constraint's name; `nil` where it has none (SQLite).
    public var name: String?
    /// The referencing columns, in their order.
    public var columns: [String]
    /// What it points at, and what it does when that changes.
    public var target: ForeignKeyTarget
    /// `DEFERRABLE INITIALLY DEFERRED`, `MATCH FULL`: anything beyond the plain form, as SQL.
    public var attributes: String?
    /// Whether every row is known to satisfy it; PostgreSQL: false for one that is still NOT VALID.
    public var isValidated: Bool

    /// A foreign key of its parts.
    public init(
        name: String?, columns: [String], target: ForeignKeyTarget, attributes: String? = nil,
        isValidated: Bool = true
    ) {
        self.name = name
        self.columns = columns
        self.target = target
        self.attributes = attributes
        self.isValidated = isValidated
    }
}
