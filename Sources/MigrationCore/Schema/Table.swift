public import DoubleWrite

/// A table: its columns, what constrains them, and what else in the database uses them.
public struct Table: Sendable, Hashable, Codable {
    /// What kind of table it is.
    public enum Kind: String, Sendable, Hashable, Codable {
        case ordinary
        case partitioned
        case partition
        /// Has parents or children by PostgreSQL's INHERITS.
        case inherited
        case foreign
        /// SQLite's virtual table.
        case virtual
    }

    /// The table's name.
    public var name: TableName
    /// What kind of table it is.
    public var kind: Kind
    /// Its columns, in their order.
    public var columns: [Column]
    /// The primary key's columns in their order; empty without one.
    public var primaryKey: [String]
    /// PostgreSQL: the name of the primary key's constraint, where it is known.
    public var primaryKeyName: String?
    /// Its UNIQUE constraints.
    public var uniqueConstraints: [UniqueConstraint]
    /// Its CHECKs.
    public var checks: [CheckConstraint]
    /// Its own foreign keys, to other tables or itself.
    public var foreignKeys: [ForeignKey]
    /// Its indexes, but for those that a constraint brought.
    public var indexes: [Index]
    /// What elsewhere in the database uses this table's columns.
    public var dependents: [Dependent]
    /// The publications (PostgreSQL) the table is in, and the subscriptions it receives.
    public var publications: [String]
    /// PostgreSQL: the subscriptions that write it.
    public var subscriptions: [String]
    /// PostgreSQL: the policies that hide rows of it from the current role; `nil` where it sees every row.
    public var rowSecurity: RowSecurity?
    /// PostgreSQL: the type that a typed table (`CREATE TABLE ... OF`) takes its columns from.
    public var rowType: String?
    /// PostgreSQL: what was set on indexes and constraints and is lost when they are made anew.
    public var extras: [TableExtra]?
    /// PostgreSQL: whose it is and who may use it; `nil` where that is not known, as from files alone.
    public var access: TableAccess?
    /// PostgreSQL: what logical replication sends of a row that was changed; `nil` for the primary key.
    public var replicaIdentity: SetReplicaIdentity.Identity?
    /// SQLite: no rowid; the primary key is the row's address.
    public var isWithoutRowID: Bool
    /// SQLite: the stored `CREATE TABLE`, as the user or `ALTER TABLE` wrote it; `nil` where the schema is followed from
    /// files. ``SQLiteDefinition`` reads it.
    public var definition: String?
    /// SQLite: what the stored text said that cannot be told any more, where an operation was followed that changes it.
    public var lostText: [String]?
    /// PostgreSQL: the comment on it.
    public var comment: String?
    /// The planner's statistics, where the schema came from a database: rows and bytes.
    public var estimatedRows: Int64?
    /// Its size, with indexes, as the database estimates it.
    public var bytes: Int64?

    /// A table of its parts.
    public init(
        name: TableName, kind: Kind = .ordinary, columns: [Column] = [], primaryKey: [String] = [],
        uniqueConstraints: [UniqueConstraint] = [], checks: [CheckConstraint] = [],
        foreignKeys: [ForeignKey] = [], indexes: [Index] = [], dependents: [Dependent] = [],
        publications: [String] = [], subscriptions: [String] = [], isWithoutRowID: Bool = false,
        comment: String? = nil, estimatedRows: Int64? = nil, bytes: Int64? = nil,
        rowSecurity: RowSecurity? = nil, rowType: String? = nil, extras: [TableExtra]? = nil,
        primaryKeyName: String? = nil, access: TableAccess? = nil,
        replicaIdentity: SetReplicaIdentity.Identity? = nil, definition: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.columns = columns
        self.primaryKey = primaryKey
        self.uniqueConstraints = uniqueConstraints
        self.checks = checks
        self.foreignKeys = foreignKeys
        self.indexes = indexes
        self.dependents = dependents
        self.publications = publications
        self.subscriptions = subscriptions
        self.isWithoutRowID = isWithoutRowID
        self.comment = comment
        self.estimatedRows = estimatedRows
        self.bytes = bytes
        self.rowSecurity = rowSecurity
        self.rowType = rowType
        self.extras = extras
        self.primaryKeyName = primaryKeyName
        self.access = access
        self.replicaIdentity = replicaIdentity
        self.definition = definition
    }
}

extension Table {
    /// The column of that name.
    public func column(_ name: String) -> Column? {
        columns.first { $0.name == name }
    }
}
