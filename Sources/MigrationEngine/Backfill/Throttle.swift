internal import MigrationCore

/// Decides whether a backfill makes way. A value: it is told what was seen, and says why it should wait, if it should.
///
/// With hysteresis: what stopped it at a limit lets it go on only well below, so that it does not flap around the limit
/// (<https://github.com/graphprotocol/graph-node/pull/3966>). A signal that is old or gone counts as bad: the last value
/// of a replica that has died was a good one (<https://github.com/block/spirit/issues/1035>).
struct Throttle: Sendable {
    /// What was seen at one moment.
    struct Sight: Sendable {
        var pause: PauseNote?
        /// `nil` where the role may not see how far they are.
        var replicas: [Replica]? = []
        /// Active sessions of others, where that is asked for.
        var active: Int?
    }

    /// The limit where none is given.
    static let usualLag = Duration.seconds(5)
    /// A replica reports at least every ten seconds (`wal_receiver_status_interval`): three of those may be missing.
    static let staleAfter = Duration.seconds(30)

    private let pacing: Pacing
    /// The physical replicas that were seen: one that leaves is missed.
    private var known: Set<String> = []
    private var late: Set<String> = []
    private var isLoaded = false

    init(_ pacing: Pacing) { self.pacing = pacing }

    /// Why the backfill should wait now; empty where it may go on.
    mutating func reasons(_ sight: Sight) -> [HoldReason] {
        var reasons = sight.pause.map { [HoldReason.paused($0)] } ?? []
        if !pacing.ignoresLag, let replicas = sight.replicas { reasons += lag(of: replicas) }
        if let limit = pacing.maxLoad, let active = sight.active {
            isLoaded = active > (isLoaded ? limit * 4 / 5 : limit)
            if isLoaded { reasons.append(.load(active: active, limit: limit)) }
        }
        return reasons
    }

    private mutating func lag(of replicas: [Replica]) -> [HoldReason] {
        let limit = pacing.maxLag ?? Self.usualLag
        var reasons: [HoldReason] = []
        for replica in replicas {
            if replica.isPhysical { known.insert(replica.name) }
            let isLate = replica.lag > (late.contains(replica.name) ? limit / 2 : limit)
            if isLate { late.insert(replica.name) } else { late.remove(replica.name) }
            if replica.silence > Self.staleAfter {
                reasons.append(.silentReplica(replica.name, replica.silence))
            } else if isLate {
                reasons.append(.lag(replica: replica.name, replica.lag, limit: limit))
            }
        }
        let lost = known.subtracting(replicas.map(\.name)).sorted()
        return reasons + lost.map { .lostReplica($0) }
    }
}

/// A server that follows this one.
struct Replica: Sendable, Hashable {
    var name: String
    /// How old what it has replayed is.
    var lag: Duration
    /// For how long it has said nothing.
    var silence: Duration = .zero
    /// Whether it follows all of the server. Subscriptions come and go.
    var isPhysical = true
}
