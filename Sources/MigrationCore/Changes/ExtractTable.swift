public import DoubleWrite

/// `extract_table`: the repeated values of a column move to a table that has each of them once, and the column becomes a
/// reference to it.
public struct ExtractTable: Sendable, Hashable, Codable {
    /// The table whose column it is.
    public var table: TableName
    /// The column with the values.
    public var column: String
    /// The lookup table, which the migration makes.
    public var into: TableName
    /// The column with the values there.
    public var value: String
    /// Its primary key.
    public var key: String
    /// The column of `table` that points at it.
    public var reference: String
    /// Whether writes that know the old shape only are healed and counted by triggers; the file's `guard`.
    public var isGuarded: Bool
    /// The change's own name, where the default one (`table.reference`) was used by an earlier migration.
    public var change: String?

    /// An extract table of its parts.
    public init(
        table: TableName, column: String, into: TableName, value: String? = nil, key: String? = nil,
        reference: String? = nil, isGuarded: Bool = false, change: String? = nil
    ) {
        self.table = table
        self.column = column
        self.into = into
        self.value = value ?? column
        self.key = key ?? "id"
        self.reference = reference ?? "\(column)_id"
        self.isGuarded = isGuarded
        self.change = change
    }
}

extension ExtractTable {
    /// The name of the change, as the stages table and the applications know it.
    public var changeID: ChangeID { change.map { ChangeID($0) } ?? ChangeID(table: table, column: reference) }

    /// The lookup table, as the queries of it are made.
    var lookup: LookupTable { LookupTable(into, key: key, value: value) }
}
