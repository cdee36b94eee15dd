public import MigrationCore

/// Sees what a run does while it does it.
///
/// Called on the thread that runs the engine, never inside a transaction that holds a lock; what it does
/// takes the run's time.
public protocol EngineObserver {
    /// Something happened.
    func observe(_ event: EngineEvent)
}

/// An observer that looks away.
public struct SilentObserver: EngineObserver, Sendable {
    /// An observer that does nothing.
    public init() {}

    /// Does nothing.
    public func observe(_ event: EngineEvent) {}
}

/// Something that happens during a run.
public enum EngineEvent: Sendable, Hashable {
    /// A migration begins, is resumed, or is rolled back.
    case migrationStarted(migration: String, direction: Direction, isResumed: Bool)
    /// A step begins: the `number`-th (from 1) of `count`.
    case stepStarted(migration: String, phase: Phase, step: Step, number: Int, count: Int)
    /// A long step got on.
    case progress(migration: String, step: Step, Progress)
    /// A step is done: the rows that it wrote or counted, where it did, and how long it took.
    case stepFinished(migration: String, step: Step, rows: Int64?, elapsed: Duration)
    /// A step was passed over, because nothing else writes to the database.
    case stepPassedOver(migration: String, step: Step)
    /// Somebody else holds a lock that the step needs; it is tried for again after a pause.
    case waitingForLock(object: String, blockers: [Blocker], attempt: Int, attempts: Int)
    /// Transactions that were open at the last flip are still open.
    case waitingForTransactions([Blocker])
    /// A backfill waits: it is paused, or others need the database more. Without a reason it goes on.
    case heldUp([HoldReason])
    /// The step is about to queue for a lock, or to wait, behind transactions that are open for long.
    case oldTransactions(step: Step, [Blocker])
    /// The lease of a runner that is dead or silent was taken over.
    case leaseTakenOver(from: LeaseHolder)
    /// The connection was lost, for the reason that is given; for so long it is tried to connect again.
    case connectionLost(String, limit: Duration)
    /// The connection is there again; the run goes on where it was.
    case connected(after: Duration)
    /// Anything else worth a line.
    case note(String)
}

/// Whether a run goes on or back.
public enum Direction: String, Sendable, Hashable, Codable {
    case forward
    case undo
}

/// How far a long step is.
public struct Progress: Sendable, Hashable {
    /// Rows written so far.
    public var rowsDone: Int64
    /// The rows of the table, as far as statistics know.
    public var rowsTotal: Int64?
    /// The part of the table that was looked at in this pass, from 0 to 1.
    public var fraction: Double
    /// Which pass over the table this is, from 1.
    public var pass: Int
    /// How many rows were written in a second, since this run began the pass.
    public var rowsPerSecond: Double
    /// The time left in this pass at the rate so far.
    public var remaining: Duration?

    /// Made of these facts.
    public init(
        rowsDone: Int64, rowsTotal: Int64?, fraction: Double, pass: Int = 1, rowsPerSecond: Double,
        remaining: Duration?
    ) {
        self.rowsDone = rowsDone
        self.rowsTotal = rowsTotal
        self.fraction = fraction
        self.pass = pass
        self.rowsPerSecond = rowsPerSecond
        self.remaining = remaining
    }
}
