internal import DoubleWrite
internal import Foundation
internal import Logging
internal import MigrationCore

extension Runner {
    /// Runs an atomic step's body in one transaction together with its record; does nothing where it is over
    /// already.
    func once(_ place: StepPlace, on table: TableName?, _ body: () throws -> Void) throws {
        try attempting(table) {
            guard try !store.isOver(place) else { return }
            try body()
            try store.end(place, .done)
            try settings.faults.strike(.beforeCommit, place.step)
        }
        try settings.faults.strike(.afterCommit, place.step)
    }

    /// Runs `body` in a transaction of ours: the lease first, so that a runner that was replaced writes
    /// nothing.
    ///
    /// A lock that is not to be had is tried for again, with growing pauses, and its holders are named.
    ///
    /// - Throws: ``EngineError/Reason/lockTimeout(object:attempts:blockers:)`` at the limit.
    func attempting<Result>(_ table: TableName?, _ body: () throws -> Result) throws -> Result {
        var blockers: [Blocker] = []
        for attempt in 1...settings.lockAttempts {
            // The first attempt succeeds nearly always; then there is nobody to look for.
            let watch = attempt > 1 ? database.watchLocks(after: settings.lockTimeout / 2) : nil
            do {
                defer { blockers = watch?.finish() ?? [] }
                return try leased(body)
            } catch let failure as DatabaseFailure
                where failure.kind == .lockNotAvailable || failure.kind == .conflict
            {
                log.debug("attempt \(attempt): \(failure.code ?? "") \(failure.message)")
                if blockers.isEmpty { blockers = (try? database.blockers(of: table)) ?? [] }
                guard attempt < settings.lockAttempts else { break }
                observer.observe(
                    .waitingForLock(
                        object: database.lockedObject(table), blockers: blockers, attempt: attempt,
                        attempts: settings.lockAttempts))
                Pause.backingOff(attempt)
            }
        }
        throw EngineError(
            .lockTimeout(
                object: database.lockedObject(table), attempts: settings.lockAttempts, blockers: blockers))
    }

    /// One attempt of ``attempting(_:_:)``.
    func leased<Result>(_ body: () throws -> Result) throws -> Result {
        try database.writing(.step(lockTimeout: settings.lockTimeout)) {
            guard try database.holdLease(token, lasting: settings.lease) else { throw leaseLost() }
            let result = try body()
            try database.prolongLease(token, lasting: settings.lease)
            return result
        }
    }

    private func leaseLost() -> EngineError {
        let found = try? store.lease()
        return EngineError(.leaseLost(by: found?.token == nil ? nil : found?.holder))
    }
}

/// Pauses between attempts.
enum Pause {
    /// Grows with the attempt to two seconds, with jitter, so that two who wait do not meet again and again.
    static func backingOff(_ attempt: Int) {
        let longest = min(2000, 50 << min(attempt, 10))
        sleep(.milliseconds(Int.random(in: longest / 2...longest)))
    }

    static func sleep(_ duration: Duration) {
        Thread.sleep(forTimeInterval: Double(duration.inMilliseconds) / 1000)
    }
}
