public import DoubleWrite

/// A table: its columns, what constrains them, and what else in the database uses them.
public struct Table: Sendable, Hashable, Codable {
    /// What kind of table it is. Only ordinary ones are changed by way of a shadow column so far.
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

    public var name: TableName
    public var kind: Kind
    public var columns: [Column]
    /// The primary key's columns in their order; empty without one.
    public var primaryKey: [String]
    public var uniqueConstraints: [UniqueConstraint]
    public var checks: [CheckConstraint]
    public var foreignKeys: [ForeignKey]
    public var indexes: [Index]
    /// What elsewhere in the database uses this table's columns.
    public var dependents: [Dependent]
    /// The publications (PostgreSQL) the table is in, and the subscriptions it receives.
    public var publications: [String]
    public var subscriptions: [String]
    /// SQLite: no rowid; the primary key is the row's address.
    public var isWithoutRowID: Bool
    public var comment: String?
    /// The planner's statistics, where the schema came from a database: rows and bytes.
    public var estimatedRows: Int64?
    public var bytes: Int64?

    public init(
        name: TableName, kind: Kind = .ordinary, columns: [Column] = [], primaryKey: [String] = [],
        uniqueConstraints: [UniqueConstraint] = [], checks: [CheckConstraint] = [],
        foreignKeys: [ForeignKey] = [], indexes: [Index] = [], dependents: [Dependent] = [],
        publications: [String] = [], subscriptions: [String] = [], isWithoutRowID: Bool = false,
        comment: String? = nil, estimatedRows: Int64? = nil, bytes: Int64? = nil
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
    }
}

extension Table {
    /// The column of that name.
    public func column(_ name: String) -> Column? {
        columns.first { $0.name == name }
    }
}
