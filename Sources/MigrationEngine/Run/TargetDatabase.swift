internal import DoubleWrite
internal import MigrationCore

/// A database that plans are run on: what PostgreSQL and SQLite do each in its own way. Decides nothing.
///
/// Not Sendable: a thread that needs one opens one for itself (``DatabaseOpening``).
protocol TargetDatabase: AnyObject {
    var session: any SQLSession { get }
    var words: StateWords { get }
    var location: DatabaseLocation { get }
    /// How reads and the lease are waited for.
    var patience: LockPatience { get set }

    // MARK: Transactions

    /// Begins a transaction that writes.
    func begin(_ purpose: TransactionPurpose) throws
    /// Begins a transaction that only reads, in one snapshot.
    ///
    /// - Parameter processes: How many of the server's processes a statement takes at most; as many as the server has it take
    ///   where it is `nil`. A file is read by this process alone.
    func beginReading(with processes: Int?) throws
    func commit() throws
    /// Rolls back what is open, if anything is. Never fails: a lost connection has rolled back already.
    func rollback()

    // MARK: State

    func hasState() throws -> Bool
    /// Inside the transaction that creates the state: keeps others from doing the same, makes the place for
    /// it.
    func prepareState() throws
    /// Inside that transaction, after the tables are there: lets every application read the stages.
    func grantState() throws

    // MARK: Lease

    /// Whether `token` still holds the lease; if so it cannot be taken over before the transaction ends.
    func holdLease(_ token: String, lasting lease: Duration) throws -> Bool
    /// Prolongs the lease right before a commit, where nobody else can while the transaction is open.
    func prolongLease(_ token: String, lasting lease: Duration) throws
    /// The server process behind ``session`` and when it began, for whoever wants to know whether it is gone.
    func backend() throws -> (id: Int64, start: String)?
    /// Whether the server process of a holder is provably gone.
    func isGone(backend: Int64, start: String) throws -> Bool
    /// Ends the server processes of a holder that is replaced, as far as the role may.
    func terminate(holder token: String) throws

    // MARK: Others

    /// The transactions that are open now, but for those of `token`'s runner, and who is behind each.
    ///
    /// - Parameter waitedFor: Transactions that are listed for as long as they are open, whatever they do.
    func openTransactions(keeping waitedFor: Set<OpenTransaction>) throws -> [OpenTransaction: Blocker]
    /// The transactions, prepared ones as well, that are open for longer than `age` and that the step would queue behind.
    ///
    /// - Parameter tables: What it locks.
    func oldTransactions(before step: Step, on tables: [TableName], age: Duration) throws -> [Blocker]
    /// Who holds a lock on the table that might stand in the way.
    func blockers(of table: TableName?) throws -> [Blocker]
    /// Looks, after a while, who holds up what ``session`` does then; `nil` where the database does not tell.
    func watchLocks(after delay: Duration) -> (any LockWatch)?
    /// What a lock on `table` is called in messages.
    func lockedObject(_ table: TableName?) -> String
    /// The servers that follow this one; `nil` where the role may not see how far they are.
    func replicas() throws -> [Replica]?
    /// The sessions of applications that do something now; `nil` where nobody can tell.
    func activeSessions() throws -> Int?

    // MARK: Schema

    /// The tables, all without names.
    func introspect(_ tables: [TableName]?) throws -> Schema
    /// Runs `body` in a transaction that may make temporary tables, and is rolled back. Its argument says whether the
    /// database lets it.
    func probing<Result>(_ body: (Bool) throws -> Result) throws -> Result
    /// The table's columns and constraints, a line each, sorted; empty where there is no such table.
    func shape(of table: TableName) throws -> [String]
    /// Builds an index; returns at once where it is there and valid.
    ///
    /// - Parameter waiting: Called now and then with those that it waits for.
    func build(
        _ index: IndexBuild, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws
    /// Drops an index; returns at once where it is not there.
    func drop(
        _ index: IndexDrop, holding token: String, lasting lease: Duration, waiting: ([Blocker]) -> Void
    ) throws

    /// Refuses steps that need a session of their own where a pooler hands them out.
    func refuseSharedSession(for steps: [Step]) throws

    // MARK: Rows

    /// How long a batch should take, and how many pages or keys it may span.
    var batchTarget: BatchTarget { get }
    /// SQL for the name of the snapshot that a statement sees, as text.
    var snapshotName: String { get }

    /// Closes the connection.
    func close()
}

/// Looks from elsewhere who holds up a statement.
protocol LockWatch: Sendable {
    /// Stops looking, and says who it was.
    func finish() -> [Blocker]
}

/// What a transaction is for.
enum TransactionPurpose: Sendable, Hashable {
    /// Creating or upgrading the state, an attestation, taking the lease.
    case state
    /// A step: one attempt for a lock may not hold up others for longer than this.
    case step(lockTimeout: Duration)
    /// A batch of a backfill with the cursor that it moves. Its commit need not be on the disk at once: a power failure may
    /// take the last batches, each with its cursor. The next step's commit brings all to the disk.
    case batch(lockTimeout: Duration)
}

/// A transaction that somebody else has open. The same as long as that one transaction lasts.
struct OpenTransaction: Sendable, Hashable, Codable {
    /// PostgreSQL's virtual transaction id, or the name of a prepared transaction.
    var id: String
    /// The server process; `nil` for a prepared transaction.
    var processID: Int32?
}

/// What one batch came to.
struct BatchResult: Sendable, Hashable {
    /// Rows written.
    var rows: Int64
    /// Whether the pass over the table is complete.
    var isPassComplete: Bool
    /// The part of the table that this pass has seen, from 0 to 1.
    var fraction: Double
    /// The rows of the table, as far as statistics know.
    var rowsTotal: Int64?
}

/// How a backfill steers the size of its batches.
struct BatchTarget: Sendable {
    var duration: Duration
    /// How long a batch should take where others write, too: each of its rows is one that they may have to wait for.
    var besideOthers: Duration?
    /// In pages (PostgreSQL) or keys (SQLite).
    var sizes: ClosedRange<Int>
    var firstSize: Int
}

extension TargetDatabase {
    func refuseSharedSession(for steps: [Step]) throws {}

    var dialect: Dialect { words.dialect }

    /// The transactions that are open now.
    func openTransactions() throws -> [OpenTransaction: Blocker] { try openTransactions(keeping: []) }

    /// Runs `body` in a transaction that writes, and commits; rolls back where it throws.
    func writing<Result>(_ purpose: TransactionPurpose, _ body: () throws -> Result) throws -> Result {
        try begin(purpose)
        do {
            let result = try body()
            try commit()
            return result
        } catch {
            rollback()
            throw error
        }
    }

    /// Runs `body` in one snapshot that writes nothing; again, where a lock that it needs is not to be had.
    ///
    /// - Parameters:
    ///   - table: What is read, for messages; several where it is `nil`.
    ///   - processes: See ``beginReading(with:)``.
    /// - Throws: ``EngineError/Reason/lockTimeout(object:attempts:blockers:)`` at the limit.
    func reading<Result>(
        _ table: TableName? = nil, with processes: Int? = nil, _ body: () throws -> Result
    ) throws -> Result {
        try patience.trying(lockedObject(table), of: table, in: self) {
            try beginReading(with: processes)
            defer { rollback() }
            return try body()
        }
    }
}
