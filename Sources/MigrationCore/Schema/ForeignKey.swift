/// A foreign key of this table.
public struct ForeignKey: Sendable, Hashable, Codable {
    public var name: String?
    public var columns: [String]
    public var target: ForeignKeyTarget
    /// `DEFERRABLE INITIALLY DEFERRED`, `MATCH FULL`: anything beyond the plain form, as SQL.
    public var attributes: String?

    public init(name: String?, columns: [String], target: ForeignKeyTarget, attributes: String? = nil) {
        self.name = name
        self.columns = columns
        self.target = target
        self.attributes = attributes
    }
}
