public import DoubleWrite

/// A count of the rows that violate any of several invariants, in one snapshot.
public struct VerificationReport: Sendable, Hashable {
    /// One invariant and its violations.
    public struct Count: Sendable, Hashable {
        /// The invariant in words: `species = kind`.
        public var name: String
        /// The rows that violate it.
        public var violations: Int64

        /// Made of these facts.
        public init(name: String, violations: Int64) {
            self.name = name
            self.violations = violations
        }
    }

    /// The migration's name.
    public var migration: String
    /// The step whose invariants these are.
    public var step: String
    /// The table.
    public var table: TableName
    /// When, by the database's clock.
    public var at: Moment
    /// The snapshot, as the database names it.
    public var snapshot: String
    /// The rows that were counted.
    public var rows: Int64
    /// The invariants and their violations.
    public var counts: [Count]
    /// Up to five violating rows: the key and both sides.
    public var samples: ResultSet
    /// The statement that repairs the rows, once every writer writes both sides; `nil` where nothing is to repair.
    public var repair: String?
    /// What to do about the rows, where it is not a writer's fault that they violate an invariant.
    public var remedy: String?

    /// Made of these facts.
    public init(
        migration: String, step: String, table: TableName, at: Moment, snapshot: String, rows: Int64,
        counts: [Count], samples: ResultSet = ResultSet(), repair: String? = nil, remedy: String? = nil
    ) {
        self.migration = migration
        self.step = step
        self.table = table
        self.at = at
        self.snapshot = snapshot
        self.rows = rows
        self.counts = counts
        self.samples = samples
        self.repair = repair
        self.remedy = remedy
    }

    /// Whether every invariant holds for every row.
    public var holds: Bool { counts.allSatisfy { $0.violations == 0 } }
}
