public import DoubleWrite
public import MigrationCore

/// What planning has to know of a database, as one value that can be kept in a file: `bellows schema` writes it, and
/// `--schema` reads it where there is no database.
public struct SchemaSnapshot: Sendable, Hashable, Codable {
    /// A change whose stage the database has a record of.
    public struct Change: Sendable, Hashable, Codable {
        /// The change.
        public var id: ChangeID
        /// How often it was expanded.
        public var generation: Int
        /// Whether it is over.
        public var isFinished: Bool
    }

    /// What every snapshot says it is.
    public static let format = "bellows schema"
    /// The version that this library writes, and the only one that it reads.
    public static let version = 1

    /// ``format``, in a snapshot of ours.
    public var format = Self.format
    /// The version of the format.
    public var version = Self.version
    /// The tables and types, by name.
    public var schema: Schema
    /// The migrations that are finished there.
    public var finished: [String]
    /// The migrations that are in flight there.
    public var inFlight: [String]
    /// The changes that have a recorded stage.
    public var changes: [Change]

    /// A snapshot of its parts.
    public init(
        schema: Schema, finished: [String] = [], inFlight: [String] = [], changes: [Change] = []
    ) {
        self.schema = schema
        self.finished = finished
        self.inFlight = inFlight
        self.changes = changes
    }
}

extension SchemaSnapshot {
    /// How often each change was expanded.
    public var generations: [ChangeID: Int] {
        Dictionary(changes.map { ($0.id, $0.generation) }) { first, _ in first }
    }

    /// The changes that are over.
    public var finishedChanges: Set<ChangeID> { Set(changes.filter(\.isFinished).map(\.id)) }
}
