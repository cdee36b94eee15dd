public import DoubleWrite

/// What the engine does for a step.
public enum Action: Sendable, Hashable, Codable {
    /// Wait until every listed application is attested.
    case release(Release)
    /// Run statements in one transaction, together with the flip (if any) and the step's own record.
    case schema(SchemaChange)
    /// PostgreSQL: `CREATE INDEX CONCURRENTLY`, outside any transaction, idempotent by inspection.
    case buildIndex(IndexBuild)
    /// PostgreSQL: `DROP INDEX CONCURRENTLY IF EXISTS`, outside any transaction.
    case dropIndex(IndexDrop)
    case backfill(Backfill)
    /// SQLite: a table's stored text or the table itself is made anew.
    case sqlite(SQLiteWork)
    case verify(Verification)
    /// Flip the stage, in a transaction of its own.
    case flip(StageFlip)
    /// Wait for the configured time since the step before.
    case soak
}

/// What an application's attestation must say.
public struct Release: Sendable, Hashable, Codable {
    /// What an application does, by its attestation: follow the stages through the helper, or by its own code what a
    /// stage says.
    public enum Conduct: String, Sendable, Hashable, Codable, CaseIterable {
        case helper, both
        case bothReadNew = "both-read-new"
        case new
    }

    /// The conduct that this gate needs. `helper` satisfies every gate that has ``acceptsHelper``.
    public var needs: Conduct
    /// Whether the helper, which follows the stages by itself, meets the gate.
    public var acceptsHelper: Bool
    /// Whether only an attestation counts that was given since the rollback began. No helper knows what an application
    /// writes, so what was attested on the way there says nothing of the way back.
    public var isAskedAnew: Bool?
    /// The change whose guard is asked: only an attestation counts that was given since it last counted a write of the old
    /// shape alone.
    public var guards: ChangeID?

    /// A gate.
    public init(
        needs: Conduct, acceptsHelper: Bool = true, isAskedAnew: Bool? = nil, guards: ChangeID? = nil
    ) {
        self.guards = guards
        self.needs = needs
        self.acceptsHelper = acceptsHelper
        self.isAskedAnew = isAskedAnew
    }
}

/// Statements in one transaction.
public struct SchemaChange: Sendable, Hashable, Codable {
    /// The table whose lock is waited for; named when somebody holds it up.
    public var table: TableName?
    /// What runs, in its order, each without a semicolon at its end.
    public var statements: [String]
    /// The new stage that is recorded in the same transaction; none where the stage stays.
    public var flip: StageFlip?

    /// Statements, and the flip that belongs to them.
    public init(table: TableName?, statements: [String], flip: StageFlip? = nil) {
        self.table = table
        self.statements = statements
        self.flip = flip
    }
}

/// A new stage for a change. The engine writes it as ``StageFlip/statements(_:)`` shows.
public struct StageFlip: Sendable, Hashable, Codable {
    /// Whose stage it is.
    public var change: ChangeID
    /// The stage from now on.
    public var stage: Stage
    /// Set where this flip is an expand: its number, from 1, whose marker it creates.
    public var generation: Int?

    /// A flip.
    public init(change: ChangeID, stage: Stage, generation: Int? = nil) {
        self.change = change
        self.stage = stage
        self.generation = generation
    }
}

/// An index that is built beside the writers.
public struct IndexBuild: Sendable, Hashable, Codable {
    /// The table it is on.
    public var table: TableName
    /// The index's name.
    public var name: String
    /// The whole `CREATE INDEX CONCURRENTLY` statement; on a partitioned table the `CREATE INDEX ... ON ONLY` that announces
    /// it.
    public var statement: String
    /// PostgreSQL: whether the table is partitioned: what the statement announces is then built on each partition
    /// concurrently, and attached.
    public var isPartitioned: Bool?

    /// An index to build.
    public init(table: TableName, name: String, statement: String, isPartitioned: Bool? = nil) {
        self.table = table
        self.name = name
        self.statement = statement
        self.isPartitioned = isPartitioned
    }
}

/// An index that goes beside the writers.
public struct IndexDrop: Sendable, Hashable, Codable {
    /// The table it is on.
    public var table: TableName
    /// The index's name.
    public var name: String
    /// The whole `DROP INDEX CONCURRENTLY IF EXISTS` statement; on a partitioned table `DROP INDEX IF EXISTS`.
    public var statement: String
    /// PostgreSQL: whether the table is partitioned: then it goes from every partition at once, in one short transaction.
    public var isPartitioned: Bool?

    /// An index to drop.
    public init(table: TableName, name: String, statement: String, isPartitioned: Bool? = nil) {
        self.table = table
        self.name = name
        self.statement = statement
        self.isPartitioned = isPartitioned
    }
}

/// Rows in which a derived column is to be made what its truth says, in batches, until none differs.
public struct Backfill: Sendable, Hashable, Codable {
    /// The table it is on.
    public var table: TableName
    /// `"species" = "kind"`: what follows SET.
    public var assignments: String
    /// `"species" IS DISTINCT FROM "kind"`: the rows that need it, NULL-safe and by identity.
    public var mismatch: String
    /// The declared key by which SQLite takes its ranges (`rowid` where it has no other integer key).
    public var key: [String]
    /// What a batch does instead of the assignments, where another table takes part.
    public var batch: BatchWrites?
    /// Whether a row that does not need it may be written as well: the columns that are assigned follow from others
    /// alone, and it becomes what it is.
    public var isDerived: Bool?

    /// Rows to fill.
    public init(
        table: TableName, assignments: String, mismatch: String, key: [String], batch: BatchWrites? = nil,
        isDerived: Bool? = nil
    ) {
        self.table = table
        self.assignments = assignments
        self.mismatch = mismatch
        self.key = key
        self.batch = batch
        self.isDerived = isDerived
    }
}

/// A count of the rows that violate any of several invariants, all in one snapshot. The step is done when every one is zero.
public struct Verification: Sendable, Hashable, Codable {
    /// Something that must be true of every row.
    public struct Invariant: Sendable, Hashable, Codable {
        /// `species = kind`: the invariant in words.
        public var name: String
        /// SQL that is true for a row that violates it.
        public var violation: String
        /// The table whose rows it is about, where that is not the verification's own.
        public var table: TableName?
        /// What a sample of that table's rows shows.
        public var sampleColumns: [String]?

        /// An invariant, in words and as SQL.
        public init(
            name: String, violation: String, table: TableName? = nil, sampleColumns: [String]? = nil
        ) {
            self.name = name
            self.violation = violation
            self.table = table
            self.sampleColumns = sampleColumns
        }
    }

    /// Something that a sample of violating rows shows beside its columns.
    public struct Sample: Sendable, Hashable, Codable {
        /// What it is, in words.
        public var name: String
        /// SQL for its value.
        public var sql: String

        /// A value, in words and as SQL.
        public init(name: String, sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    /// The table it is on.
    public var table: TableName
    /// What is counted, each for itself.
    public var invariants: [Invariant]
    /// The columns that a sample of violating rows shows: the key and both sides.
    public var sampleColumns: [String]
    /// What it shows beside them: what a value would become.
    public var sampleValues: [Sample]?
    /// Whether the rows that it counts lose values by what follows: a rollback goes on only where it is told to discard
    /// data.
    public var countsLosses: Bool?
    /// Whether it only tells how many rows there are, and stops nothing: what they lose was agreed to.
    public var onlyTells: Bool?
    /// What to do about rows that violate one, for people; where there is none, a writer does not write both sides.
    public var remedy: String?

    /// Invariants to count.
    public init(
        table: TableName, invariants: [Invariant], sampleColumns: [String], sampleValues: [Sample]? = nil,
        countsLosses: Bool? = nil, onlyTells: Bool? = nil, remedy: String? = nil
    ) {
        self.table = table
        self.invariants = invariants
        self.sampleColumns = sampleColumns
        self.sampleValues = sampleValues
        self.countsLosses = countsLosses
        self.onlyTells = onlyTells
        self.remedy = remedy
    }
}
