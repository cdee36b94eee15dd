/// A UNIQUE constraint (not a mere unique index).
public struct UniqueConstraint: Sendable, Hashable, Codable {
    /// The constraint's name; `nil` in SQLite, which has none to drop it by.
    public var name: String?
    /// Its columns, in their order.
    public var columns: [String]
    /// PostgreSQL: `DEFERRABLE`, `INITIALLY DEFERRED`, `NULLS NOT DISTINCT`: anything beyond the plain form, as SQL.
    public var attributes: String?
    /// PostgreSQL: the columns that the index only carries along (INCLUDE).
    public var included: [String]

    /// A unique constraint of its parts.
    public init(name: String?, columns: [String], attributes: String? = nil, included: [String] = []) {
        self.name = name
        self.columns = columns
        self.attributes = attributes
        self.included = included
    }
}

extension UniqueConstraint {
    /// Whether two NULLs collide. This belongs to the constraint's index.
    var nullsNotDistinct: Bool { attributes?.contains("NULLS NOT DISTINCT") ?? false }

    /// When it is checked, as SQL: what belongs to the constraint and not to its index.
    var timing: String? {
        let words = attributes.map { $0.split(separator: " ").map(String.init) } ?? []
        let kept = words.filter { ["DEFERRABLE", "INITIALLY", "DEFERRED", "IMMEDIATE"].contains($0) }
        return kept.isEmpty ? nil : kept.joined(separator: " ")
    }
}
