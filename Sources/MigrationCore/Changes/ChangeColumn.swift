public import DoubleWrite

/// `change_column`: a column gets another name, type, or meaning.
public struct ChangeColumn: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column's name before.
    public var from: String
    /// Its name afterwards; may be the same.
    public var to: String
    /// The new type, as SQL; the old one's unless said otherwise.
    public var type: PerDialect?
    /// Whether the new column may hold NULL; as the old one unless said otherwise.
    public var isNullable: Bool?
    /// The new column's default.
    public var defaultValue: PerDialect?
    /// The condition of a CHECK on the new column.
    public var check: PerDialect?
    /// The comment on the new column (PostgreSQL).
    public var comment: String?
    /// The new value made of the old one, as an SQL expression over `from`.
    public var up: PerDialect?
    /// The old value made of the new one, as an SQL expression over `to`.
    public var down: PerDialect?
    /// Whether `down` may forget a part of the new value; the file's `lossy_down`.
    public var isLossyDown: Bool
    /// Who keeps the two shapes in step.
    public var sync: Sync
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`table.column`) was used by an earlier migration.
    public var change: String?

    /// A change column of its parts.
    public init(
        table: TableName, from: String, to: String, type: PerDialect? = nil, isNullable: Bool? = nil,
        defaultValue: PerDialect? = nil, check: PerDialect? = nil, comment: String? = nil,
        up: PerDialect? = nil, down: PerDialect? = nil, isLossyDown: Bool = false,
        sync: Sync = .doubleWrite, isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.from = from
        self.to = to
        self.type = type
        self.isNullable = isNullable
        self.defaultValue = defaultValue
        self.check = check
        self.comment = comment
        self.up = up
        self.down = down
        self.isLossyDown = isLossyDown
        self.sync = sync
        self.isGuarded = isGuarded
        self.change = change
    }
}

extension ChangeColumn {
    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID { change.map { ChangeID($0) } ?? ChangeID(table: table, column: to) }
}
