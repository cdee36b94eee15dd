internal import DoubleWrite
internal import MigrationCore

/// A database whose tables lie in pages that can be read in their physical order, by several connections at a time.
protocol PagedDatabase: TargetDatabase {
    /// The tables that hold a table's rows, in an order that stays the same: itself, or its partitions.
    func pagedTables(of table: TableName) throws -> [PagedTable]

    /// Writes the rows of some pages that are in need of it, inside an open transaction.
    func write(_ backfill: Backfill, pages: PageRange, of table: PagedTable, skippingLocked: Bool) throws
        -> BatchWritten
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

/// What the pages of one batch came to.
struct BatchWritten: Sendable, Hashable {
    var rows: Int64 = 0
    /// Whether somebody waits for a row that was written.
    var isWaitedFor = false
    /// The number of its transaction: the server gives one to each that writes.
    var transaction: Int64?
    /// Whether the table lies in another file now: nothing was written.
    var isRewritten = false
}
