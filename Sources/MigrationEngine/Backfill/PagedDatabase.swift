internal import DoubleWrite
internal import MigrationCore

/// A database whose tables lie in pages that can be read in their physical order, by several connections at a time.
protocol PagedDatabase: TargetDatabase {
    /// The tables that hold a table's rows, in an order that stays the same: itself, or its partitions.
    func pagedTables(of table: TableName) throws -> [PagedTable]

    /// Begins the transaction of a batch and looks at what has to be so for it to write.
    func beginBatch(of table: PagedTable, holding token: String, lockTimeout: Duration) throws -> BatchStart

    /// Writes the rows of some pages that are in need of it, inside that transaction.
    ///
    /// - Returns: How many.
    func write(_ backfill: Backfill, pages: PageRange, of table: PagedTable, skippingLocked: Bool) throws
        -> Int64

    /// Ends the transaction of a batch with what records it.
    func commitBatch(recording statement: String) throws
}

/// A table whose rows lie in pages.
struct PagedTable: Sendable, Hashable {
    var id: Int64
    var name: TableName
    /// The file that holds it. Another one: the pages mean something else.
    var file: Int64
    /// Its length.
    var pages: Int64
    /// Its rows, as statistics know them; 0 where they do not.
    var rows: Int64
}

/// What a batch finds where it begins.
struct BatchStart: Sendable, Hashable {
    /// Whether we hold the lease, now and until the transaction ends.
    var holdsLease: Bool
    /// Whether the table lies in another file now: its pages mean something else.
    var isRewritten: Bool
    /// The number of the transaction: the server gives one to each that writes.
    var transaction: Int64?
}
