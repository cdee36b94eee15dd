/// A column as it stands in a database.
public struct Column: Sendable, Hashable, Codable {
    /// The column's name.
    public var name: String
    /// The type as the database writes it: `character varying(20)`, `TEXT`.
    public var type: String
    /// Whether it may hold NULL.
    public var isNullable: Bool
    /// The default's expression, as the database writes it.
    public var defaultValue: String?
    /// Whether the default calls anything that may answer differently each time (PostgreSQL: not immutable).
    public var isDefaultVolatile: Bool
    /// The generating expression of a generated column.
    public var generated: String?
    /// PostgreSQL: `ALWAYS` or `BY DEFAULT` for an identity column.
    public var identity: String?
    /// The collation, where it is not the type's (PostgreSQL, as SQL) or not BINARY (SQLite).
    public var collation: String?
    /// Whether two values that `=` calls equal are identical. Not so are citext, numeric, interval, jsonb... (PostgreSQL), and
    /// what may hold the same number in two forms, 1 and 1.0 (SQLite).
    public var hasExactEquality: Bool
    /// PostgreSQL: the sequence that belongs to this column (serial), as SQL.
    public var ownedSequence: String?
    /// PostgreSQL: the sequence that its numbers come from, owned or not; `nil` where that is not known, as from files alone.
    public var sequence: ColumnSequence?
    /// PostgreSQL: the comment on it.
    public var comment: String?
    /// PostgreSQL: `GRANT`s on this column alone.
    public var grants: [ColumnGrant]
    /// PostgreSQL: what `ALTER COLUMN` set on it and its type does not bring: `SET STATISTICS 500`.
    public var settings: [String]?
    /// PostgreSQL: what its type demands, where that is a domain which demands anything.
    public var domain: DomainFacts?
    /// PostgreSQL: whether it is NOT NULL for new rows only (`NOT VALID`).
    public var mayHoldOldNulls: Bool?
    /// PostgreSQL, from 18 on: the name of its NOT NULL, which is a constraint there.
    public var notNullName: String?

    /// A column of its parts.
    public init(
        name: String, type: String, isNullable: Bool = true, defaultValue: String? = nil,
        isDefaultVolatile: Bool = false, generated: String? = nil, identity: String? = nil,
        collation: String? = nil, hasExactEquality: Bool = true, ownedSequence: String? = nil,
        comment: String? = nil, grants: [ColumnGrant] = [], settings: [String]? = nil,
        domain: DomainFacts? = nil, mayHoldOldNulls: Bool? = nil, sequence: ColumnSequence? = nil,
        notNullName: String? = nil
    ) {
        self.notNullName = notNullName
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.defaultValue = defaultValue
        self.isDefaultVolatile = isDefaultVolatile
        self.generated = generated
        self.identity = identity
        self.collation = collation
        self.hasExactEquality = hasExactEquality
        self.ownedSequence = ownedSequence
        self.comment = comment
        self.grants = grants
        self.settings = settings
        self.domain = domain
        self.mayHoldOldNulls = mayHoldOldNulls
        self.sequence = sequence
    }
}

/// A privilege on one column.
public struct ColumnGrant: Sendable, Hashable, Codable {
    /// `SELECT`, `INSERT`, `UPDATE` or `REFERENCES`.
    public var privilege: String
    /// The role's name, unquoted; `nil` for PUBLIC.
    public var grantee: String?
    /// Whether the role may pass it on.
    public var isGrantable: Bool

    /// A column grant of its parts.
    public init(privilege: String, grantee: String?, isGrantable: Bool = false) {
        self.privilege = privilege
        self.grantee = grantee
        self.isGrantable = isGrantable
    }
}
