public import DoubleWrite

/// `sql`: what no other operation says; a list of statements for each phase, and the statements that undo them.
///
/// Each phase's list runs in one transaction. Nothing is derived of it: of what the statements do the plan knows what
/// the file declares, and takes it at its word.
public struct RawSQL: Sendable, Hashable, Codable {
    /// Something that statements read, write or drop: a table, or columns of it.
    public struct Use: Sendable, Hashable, Codable {
        /// The table.
        public var table: TableName
        /// The columns; empty where it is the whole table.
        public var columns: [String]

        /// A table, or columns of it.
        public init(table: TableName, columns: [String] = []) {
            self.table = table
            self.columns = columns
        }
    }

    /// Run in the expand.
    public var expand: [PerDialect]
    /// Run in the transition.
    public var transition: [PerDialect]
    /// Run in the contract.
    public var contract: [PerDialect]
    /// What undoes `expand` (and `transition`); `nil` where the file says none: then it cannot be undone.
    public var undo: [PerDialect]?
    /// What was there before and the statements, or what they make, read.
    public var reads: [Use]
    /// What was there before and the statements write.
    public var writes: [Use]
    /// What was there before and is gone behind the contract.
    public var drops: [Use]

    /// A raw SQL of its parts.
    public init(
        expand: [PerDialect] = [], transition: [PerDialect] = [], contract: [PerDialect] = [],
        undo: [PerDialect]? = nil, reads: [Use] = [], writes: [Use] = [], drops: [Use] = []
    ) {
        self.expand = expand
        self.transition = transition
        self.contract = contract
        self.undo = undo
        self.reads = reads
        self.writes = writes
        self.drops = drops
    }
}

extension RawSQL {
    /// Whether the file says what the statements are about. One that is about nothing says nothing.
    public var isDeclared: Bool { !(reads.isEmpty && writes.isEmpty && drops.isEmpty) }

    /// The tables that it declares anything of.
    var tables: [TableName] { (reads + writes + drops).map(\.table).uniqued }
}

extension RawSQL.Use {
    /// Its columns, each with its table; the table where it is the whole one.
    func touched(_ dialect: Dialect) -> [TouchedColumn] {
        let table = dialect.normalized(table)
        return columns.isEmpty
            ? [TouchedColumn(table: table, column: nil)]
            : columns.map { TouchedColumn(table: table, column: $0) }
    }
}
