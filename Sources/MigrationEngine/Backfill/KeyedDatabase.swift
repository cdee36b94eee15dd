internal import MigrationCore

/// A database whose tables are read in the order of a key, by one writer at a time.
protocol KeyedDatabase: TargetDatabase {
    /// The next batch of a backfill, inside an open transaction.
    func batch(_ backfill: Backfill, _ cursor: inout BackfillCursor) throws -> BatchResult

    /// The pause behind a batch, in which others get in.
    ///
    /// - Parameter nice: The pause as a part of the batch's time, where that was asked for.
    func rest(after elapsed: Duration, nice: Double?) throws -> Duration
}
