import DoubleWrite
import MigrationCore

/// The changes of shape once more, on a table whose rows are in partitions and sub-partitions.
extension LifeCycle {
    static let partitioned: [LifeCycle] = (shapes(.postgres) + columns(.postgres)).compactMap(\.inPartitions)

    /// The same on partitions; `nil` for what PostgreSQL cannot do there beside writers.
    private var inPartitions: LifeCycle? {
        guard name != "extract_table", let table = setUp.first else { return nil }
        var cycle = self
        cycle.name += " on partitions"
        // The parts of an index have names of their own, other ones than on the straight road: PartitionTests looks at those.
        let rest = setUp.dropFirst().filter { !$0.contains("CREATE INDEX") }
        cycle.setUp = [table + " PARTITION BY RANGE (id)"] + Self.parts + rest
        return cycle
    }

    /// The rows that are there are in the first two, those that come in the others.
    private static let parts = [
        "CREATE TABLE \"p \"\"1\"\"; --\" PARTITION OF animals FOR VALUES FROM (0) TO (2)",
        "CREATE TABLE \"select\" PARTITION OF animals FOR VALUES FROM (2) TO (1000)",
        "CREATE TABLE \"犬\" PARTITION OF animals FOR VALUES FROM (1000) TO (100000) PARTITION BY RANGE (id)",
        "CREATE TABLE \"犬 1\" PARTITION OF \"犬\" FOR VALUES FROM (1000) TO (1020)",
        "CREATE TABLE \"犬 rest\" PARTITION OF \"犬\" DEFAULT",
    ]
}
