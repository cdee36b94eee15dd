/// How what takes long makes way for whoever else uses the database.
public struct Pacing: Sendable, Hashable {
    /// How many connections fill a table of PostgreSQL at a time; `nil` for half of the machine's cores,
    /// and at most four: the others belong to those who write meanwhile. SQLite has one writer.
    public var workers: Int?
    /// How long a batch may take, and a writer wait for its rows: 100 ms in PostgreSQL, 25 ms in SQLite where it is `nil`.
    public var batchTime: Duration?
    /// The pause behind a batch, as a part of the batch's own time: 1 is half speed. `nil`: none in PostgreSQL, and in
    /// SQLite one where others have the file open, or may have: long enough for whoever waits to get in.
    public var nice: Double?
    /// How far a replica may be behind; `nil` for 5 s, as far as the role can see that. It goes on below half of it.
    public var maxLag: Duration?
    /// Whether replicas are not looked at.
    public var ignoresLag = false
    /// How many sessions of others may be active on the server; `nil` for any. It goes on below four fifths of it.
    public var maxLoad: Int?
    /// How long a backfill that is paused or held up waits, and a concurrent index build or drop for transactions of others,
    /// before the run ends with exit code 3.
    public var holdLimit: Duration = .seconds(3600)

    /// How often it is looked who else needs the database.
    var interval: Duration = .milliseconds(500)
    /// The pages or keys of a batch, where the tests want them small.
    var sizes: ClosedRange<Int>?
    /// A table with fewer pages for each is not worth another connection.
    var pagesForWorker: Int64 = 512

    /// The defaults.
    public init() {}

    /// How many connections fill a table on a machine with so many cores, where nothing is said.
    static func usualWorkers(cores: Int) -> Int { max(1, min(4, cores / 2)) }
}

/// Why a backfill, or a concurrent index build or drop, does not go on now.
public enum HoldReason: Sendable, Hashable {
    /// Somebody has paused it (`bellows pause`).
    case paused(PauseNote)
    /// A replica is behind.
    case lag(replica: String, Duration, limit: Duration)
    /// A replica has not said for so long how far it is: that counts as being behind.
    case silentReplica(String, Duration)
    /// A replica that was there when the backfill began is not connected any more.
    case lostReplica(String)
    /// Sessions of others are active.
    case load(active: Int, limit: Int)
    /// Transactions of others are open that may not see what it does.
    case transactions([Blocker])
}

extension [HoldReason] {
    /// Whether somebody has to resume it.
    public var arePaused: Bool { contains { if case .paused = $0 { true } else { false } } }
}

extension HoldReason: CustomStringConvertible {
    /// `replica 'standby' is 12 s behind, 5 s are allowed`.
    public var description: String {
        switch self {
        case .paused(let note): note.description
        case .lag(let replica, let lag, let limit):
            "replica '\(replica)' is \(lag.inWords) behind, \(limit.inWords) are allowed"
        case .silentReplica(let replica, let silence):
            "replica '\(replica)' has not said for \(silence.inWords) how far it is"
        case .lostReplica(let replica):
            "replica '\(replica)' is not connected any more, so nobody knows how far it is behind"
        case .load(let active, let limit):
            "\(active) sessions are active on the server, \(limit) are allowed"
        case .transactions(let blockers):
            "transactions of others are open: " + blockers.map(\.description).joined(separator: "; ")
        }
    }
}

/// That backfills are paused, by whom and why.
public struct PauseNote: Sendable, Hashable {
    /// Who paused them, and where.
    public var by: String
    /// Since when, by the database's clock.
    public var since: Moment
    /// Why, in the words of whoever did.
    public var reason: String?

    /// Made of these facts.
    public init(by: String, since: Moment, reason: String? = nil) {
        self.by = by
        self.since = since
        self.reason = reason
    }
}

extension PauseNote: CustomStringConvertible {
    /// `paused by ann on build-3 since 2026-11-21T04:28:49Z: the sale`.
    public var description: String { "paused by \(by) since \(since)" + (reason.map { ": \($0)" } ?? "") }
}
