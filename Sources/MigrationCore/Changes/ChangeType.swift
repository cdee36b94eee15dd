public import DoubleWrite

/// `change_type`: a column gets another type under the same name.
public struct ChangeType: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column.
    public var column: String
    /// The new type, as SQL.
    public var type: PerDialect
    /// The new value made of the old one, as an SQL expression over the column; a cast unless said otherwise.
    public var up: PerDialect?
    /// The old value made of the new one; a cast unless said otherwise.
    public var down: PerDialect?
    /// Whether `down` may forget a part of the new value; the file's `lossy_down`.
    public var isLossyDown: Bool
    /// Who keeps the two shapes in step.
    public var sync: Sync
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`table.column`) was used by an earlier migration.
    public var change: String?

    /// A change type of its parts.
    public init(
        table: TableName, column: String, type: PerDialect, up: PerDialect? = nil, down: PerDialect? = nil,
        isLossyDown: Bool = false, sync: Sync = .doubleWrite, isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.column = column
        self.type = type
        self.up = up
        self.down = down
        self.isLossyDown = isLossyDown
        self.sync = sync
        self.isGuarded = isGuarded
        self.change = change
    }
}

extension ChangeType {
    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID { change.map { ChangeID($0) } ?? ChangeID(table: table, column: column) }
}
