public import DoubleWrite

/// `move_column`: the values of a column move to a new column of another table, row by row.
public struct MoveColumn: Sendable, Hashable, Codable {
    /// A pair of columns by which a row of one table finds its row of the other.
    public struct Joined: Sendable, Hashable, Codable {
        /// The column of the table that the values are in.
        public var source: String
        /// The column of the table that they move to.
        public var target: String

        /// A pair of columns.
        public init(source: String, target: String) {
            self.source = source
            self.target = target
        }
    }

    /// The table that the values are in.
    public var table: TableName
    /// The column that they are in.
    public var column: String
    /// The table that they move to.
    public var toTable: TableName
    /// The new column's name there.
    public var to: String
    /// How the rows find each other; unique on both sides.
    public var join: [Joined]
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`to_table.to`) was used by an earlier migration.
    public var change: String?

    /// A move column of its parts.
    public init(
        table: TableName, column: String, toTable: TableName, to: String? = nil, join: [Joined],
        isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.column = column
        self.toTable = toTable
        self.to = to ?? column
        self.join = join
        self.isGuarded = isGuarded
        self.change = change
    }
}

extension MoveColumn {
    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID { change.map { ChangeID($0) } ?? ChangeID(table: toTable, column: to) }
}
