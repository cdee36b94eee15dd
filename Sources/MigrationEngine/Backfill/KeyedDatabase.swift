internal import MigrationCore

/// A database whose tables are read in the order of a key, by one writer at a time.
protocol KeyedDatabase: TargetDatabase {
    /// The next batch of a backfill, inside an open transaction.
    func batch(_ backfill: Backfill, _ cursor: inout BackfillCursor) throws -> BatchResult

    /// Whether others may want to write, as far as can be seen.
    func mayOthersWrite() throws -> Bool

    /// The pause behind a batch in which others get in, whoever waits.
    func rest(after elapsed: Duration) -> Duration

    /// Runs `body`, whose commits need not be on the disk at once: a power failure may take the last of them, each with the
    /// cursor that it moved, and nothing that was committed before them. The next commit behind it brings all to the disk.
    func committingLazily<Value>(_ body: () throws -> Value) throws -> Value
}
