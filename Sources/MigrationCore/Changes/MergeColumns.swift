public import DoubleWrite

/// `merge_columns`: several columns become one.
public struct MergeColumns: Sendable, Hashable, Codable {
    /// The table.
    public var table: TableName
    /// The columns that are merged, each with its `down` over the new column.
    public var from: [MergedColumn]
    /// The column that they become, with its `up` over the old ones.
    public var to: DerivedColumn
    /// Whether `down` may forget a part of the new value; the file's `lossy_down`.
    public var isLossyDown: Bool
    /// Who keeps the two shapes in step.
    public var sync: Sync
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`table.column`) was used by an earlier migration.
    public var change: String?

    /// A merge columns of its parts.
    public init(
        table: TableName, from: [MergedColumn], to: DerivedColumn, isLossyDown: Bool = false,
        sync: Sync = .doubleWrite, isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.from = from
        self.to = to
        self.isLossyDown = isLossyDown
        self.sync = sync
        self.isGuarded = isGuarded
        self.change = change
    }
}

extension MergeColumns {
    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID {
        change.map { ChangeID($0) } ?? ChangeID(table: table, column: to.definition.name)
    }
}
