public import DoubleWrite

/// `split_column`: one column becomes several.
public struct SplitColumn: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The column that is split.
    public var from: String
    /// The columns that it becomes, each with its `up` over the old column.
    public var to: [DerivedColumn]
    /// The old value made of the new ones, as an SQL expression over them.
    public var down: PerDialect
    /// Whether `down` may forget a part of the new value; the file's `lossy_down`.
    public var isLossyDown: Bool
    /// Who keeps the two shapes in step.
    public var sync: Sync
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`table.column`) was used by an earlier migration.
    public var change: String?

    /// A split column of its parts.
    public init(
        table: TableName, from: String, to: [DerivedColumn], down: PerDialect, isLossyDown: Bool = false,
        sync: Sync = .doubleWrite, isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.from = from
        self.to = to
        self.down = down
        self.isLossyDown = isLossyDown
        self.sync = sync
        self.isGuarded = isGuarded
        self.change = change
    }
}

extension SplitColumn {
    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID { change.map { ChangeID($0) } ?? ChangeID(table: table, column: from) }
}
