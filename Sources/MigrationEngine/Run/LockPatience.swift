internal import DoubleWrite
internal import Logging
internal import MigrationCore

/// How a lock that somebody else holds is tried for: in short attempts with growing pauses, so that nobody
/// queues behind us for longer than one of them.
struct LockPatience {
    /// How long one attempt may wait, and hold up those behind it.
    var lockTimeout: Duration = .milliseconds(500)
    var attempts = 1
    /// How long a statement that holds nobody up waits for transactions of others.
    var holdLimit = Pacing().holdLimit
    var observer: any EngineObserver = SilentObserver()
    var stop: StopSwitch?
    /// Whether it pauses between two attempts.
    var pauses = true

    private let log = Logger(label: "bellows.engine")

    init() {}

    init(_ settings: Settings, _ observer: any EngineObserver) {
        lockTimeout = settings.lockTimeout
        attempts = max(1, settings.lockAttempts)
        holdLimit = settings.pacing.holdLimit
        self.observer = observer
        stop = settings.stop
        pauses = settings.faults.pauses
    }

    /// Runs `body` again while a lock that it needs is not to be had, and tells who holds it.
    ///
    /// - Parameters:
    ///   - object: What the lock is on, for messages.
    ///   - table: The table to look for holders of, where the wait is over too soon to see them.
    /// - Throws: ``EngineError/Reason/lockTimeout(object:attempts:blockers:)`` at the limit.
    func trying<Result>(
        _ object: String, of table: TableName?, in database: any TargetDatabase, _ body: () throws -> Result
    ) throws -> Result {
        var blockers: [Blocker] = []
        for attempt in 1...attempts {
            // The first attempt succeeds nearly always; then there is nobody to look for.
            let watch = attempt > 1 || attempts == 1 ? database.watchLocks(after: lockTimeout / 2) : nil
            do {
                defer { blockers = watch?.finish() ?? [] }
                return try body()
            } catch let failure as DatabaseFailure
                where failure.kind == .lockNotAvailable || failure.kind == .conflict
            {
                log.debug("attempt \(attempt): \(failure.code ?? "") \(failure.message)")
                if blockers.isEmpty { blockers = (try? database.blockers(of: table)) ?? [] }
                guard attempt < attempts else { break }
                observer.observe(
                    .waitingForLock(object: object, blockers: blockers, attempt: attempt, attempts: attempts))
                try stop?.check()
                if pauses { Pause.backingOff(attempt) }
            }
        }
        throw EngineError(.lockTimeout(object: object, attempts: attempts, blockers: blockers))
    }
}
