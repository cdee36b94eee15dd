/// Row security that is active for the role that reads the schema: it may see only some of the rows, or none.
public struct RowSecurity: Sendable, Hashable, Codable {
    /// Whether the table's owner is subject to it as well (`FORCE ROW LEVEL SECURITY`).
    public var isForced: Bool
    /// The policies' names. Without any, the role sees no row at all.
    public var policies: [String]

    /// Row security with these policies.
    public init(isForced: Bool, policies: [String]) {
        self.isForced = isForced
        self.policies = policies
    }
}

/// Something that was set on an index or a constraint, and that a copy of it does not have.
public struct TableExtra: Sendable, Hashable, Codable {
    /// What was set and on what: `CLUSTER ON of the index 'animals_kind'`.
    public var name: String
    /// The columns that the index or constraint uses.
    public var columns: Set<String>

    /// A setting of something over these columns.
    public init(name: String, columns: Set<String>) {
        self.name = name
        self.columns = columns
    }
}

/// What a column's type demands of its values, where it is a PostgreSQL domain that demands anything.
public struct DomainFacts: Sendable, Hashable, Codable {
    /// Whether it refuses NULL, by `NOT NULL` or by a CHECK that says so; also by way of the domain it is made of.
    public var refusesNull: Bool
    /// Whether it has any constraint: the server then writes every row anew when such a column is added.
    public var isConstrained: Bool
    /// Whether it brings a default.
    public var hasDefault: Bool

    /// A domain that demands this.
    public init(refusesNull: Bool, isConstrained: Bool, hasDefault: Bool) {
        self.refusesNull = refusesNull
        self.isConstrained = isConstrained
        self.hasDefault = hasDefault
    }
}
