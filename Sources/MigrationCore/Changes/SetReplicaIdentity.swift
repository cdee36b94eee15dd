public import DoubleWrite

/// `set_replica_identity`: what logical replication sends of a row that was changed (PostgreSQL).
public struct SetReplicaIdentity: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// What identifies the row.
    public var identity: Identity

    /// A set replica identity of its parts.
    public init(table: TableName, identity: Identity) {
        self.table = table
        self.identity = identity
    }
}

extension SetReplicaIdentity {
    /// What identifies a row to a subscriber.
    public enum Identity: Sendable, Hashable, Codable {
        /// The primary key.
        case primaryKey
        /// Every column.
        case full
        /// Nothing.
        case nothing
        /// The columns of a unique index, by its name.
        case index(String)
    }
}
