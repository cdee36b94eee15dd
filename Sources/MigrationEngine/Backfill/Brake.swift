internal import DoubleWrite
internal import MigrationCore

/// Holds a run up between its batches while it is paused or others need the database more; ends it where that was asked
/// for, or where the wait is over its limit.
final class Brake {
    /// The wait was longer than the settings say.
    struct Held: Error {
        var reasons: [HoldReason]
    }

    private let runner: Runner
    private var throttle: Throttle
    private var lastLook: ContinuousClock.Instant?
    private var isBlindnessTold = false

    init(_ runner: Runner) {
        self.runner = runner
        throttle = Throttle(runner.settings.pacing)
    }

    private var pacing: Pacing { runner.settings.pacing }

    /// A run that comes to a backfill that is paused leaves at once: it holds the lease, and nobody watches it.
    func begin() throws {
        try runner.settings.stop?.check()
        let reasons = try look()
        if reasons.arePaused { throw Held(reasons: reasons) }
    }

    /// To be called between two batches; looks now and then, and waits where there is a reason.
    ///
    /// - Parameter onHold: Told when it begins to wait and when it goes on.
    /// - Throws: ``Held`` at the limit, ``EngineError/Reason/stopped(exitCode:)``.
    func wait(_ onHold: (Bool) -> Void = { _ in }) throws {
        try runner.settings.stop?.check()
        if let lastLook, .now - lastLook < pacing.interval { return }
        var reasons = try look()
        guard !reasons.isEmpty else { return }
        onHold(true)
        defer { onHold(false) }
        let limit = ContinuousClock.now + pacing.holdLimit
        var told: [HoldReason] = []
        while !reasons.isEmpty {
            if !reasons.isAlike(told) { runner.observer.observe(.heldUp(reasons)) }
            told = reasons
            guard ContinuousClock.now < limit else { throw Held(reasons: reasons) }
            let next = min(limit, .now + pacing.interval)
            while ContinuousClock.now < next {
                Pause.sleep(min(.milliseconds(50), next - .now))
                try runner.settings.stop?.check()
            }
            reasons = try look()
        }
        runner.observer.observe(.heldUp([]))
    }

    private func look() throws -> [HoldReason] {
        defer { lastLook = .now }
        var sight = Throttle.Sight(pause: try runner.store.pause())
        if !pacing.ignoresLag {
            sight.replicas = try runner.database.replicas()
            if sight.replicas == nil { try tellBlindness() }
        }
        if let limit = pacing.maxLoad {
            sight.active = try runner.database.activeSessions()
            guard sight.active != nil else { throw EngineError(.state(message: Self.blindToLoad(limit))) }
        }
        return throttle.reasons(sight)
    }

    /// What was asked for and cannot be watched is an error; what is watched by default is told once.
    private func tellBlindness() throws {
        let why =
            "this role cannot see how far the replicas are behind (GRANT pg_monitor to it, or say --max-lag off)"
        guard pacing.maxLag == nil else { throw EngineError(.state(message: why)) }
        guard !isBlindnessTold else { return }
        isBlindnessTold = true
        runner.observer.observe(.note(why))
    }

    private static func blindToLoad(_ limit: Int) -> String {
        "the load cannot be held below \(limit) active sessions: this role cannot see which sessions are active "
            + "(GRANT pg_monitor to it), or the database is no server; leave --max-load out"
    }
}

extension [HoldReason] {
    /// Whether only the numbers differ.
    fileprivate func isAlike(_ others: [HoldReason]) -> Bool {
        map(\.subject) == others.map(\.subject)
    }
}

extension HoldReason {
    fileprivate var subject: String {
        switch self {
        case .paused(let note): "paused \(note.since)"
        case .lag(let replica, _, _): "lag \(replica)"
        case .silentReplica(let replica, _): "silence \(replica)"
        case .lostReplica(let replica): "lost \(replica)"
        case .load: "load"
        case .transactions: "transactions"
        }
    }
}
