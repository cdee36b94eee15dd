public import DoubleWrite

/// `rename_column`: by a shadow column that is filled beside the old one, or in place.
public struct RenameColumn: Sendable, Hashable, Codable {
    /// How the column comes by its new name.
    public enum Strategy: String, Sendable, Hashable, Codable, CaseIterable {
        /// A second column, written beside the old one until nobody needs that any more.
        case copy
        /// One `ALTER TABLE ... RENAME COLUMN`: a tolerant application knows both names.
        case inPlace = "in_place"
    }

    /// The table.
    public var table: TableName
    /// The name it has.
    public var from: String
    /// The name it gets.
    public var to: String
    /// How it comes by the new one.
    public var strategy: Strategy
    /// Who keeps the two columns in step.
    public var sync: Sync
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`table.to`) was used by an earlier migration.
    public var change: String?

    /// A rename column of its parts.
    public init(
        table: TableName, from: String, to: String, strategy: Strategy = .copy, sync: Sync = .doubleWrite,
        isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.from = from
        self.to = to
        self.strategy = strategy
        self.sync = sync
        self.isGuarded = isGuarded
        self.change = change
    }

    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID {
        change.map { ChangeID($0) } ?? ChangeID(table: table, column: to)
    }
}
