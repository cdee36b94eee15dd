/// PostgreSQL: whose a table is, and who may use it.
public struct TableAccess: Sendable, Hashable, Codable {
    /// The owner's name, unquoted.
    public var owner: String
    /// What others may do with the table as a whole.
    public var grants: [TableGrant]

    /// An owner and the privileges of others.
    public init(owner: String, grants: [TableGrant] = []) {
        self.owner = owner
        self.grants = grants
    }
}

/// A privilege on a whole table.
public struct TableGrant: Sendable, Hashable, Codable {
    /// `SELECT`, `INSERT`, `UPDATE`, `DELETE`, ...
    public var privilege: String
    /// The role's name, unquoted; `nil` for PUBLIC.
    public var grantee: String?
    /// Whether the role may pass it on.
    public var isGrantable: Bool

    /// A grant of its parts.
    public init(privilege: String, grantee: String?, isGrantable: Bool = false) {
        self.privilege = privilege
        self.grantee = grantee
        self.isGrantable = isGrantable
    }
}
