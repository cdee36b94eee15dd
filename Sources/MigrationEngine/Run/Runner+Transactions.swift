internal import DoubleWrite
internal import Foundation
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
        try LockPatience(settings, observer).trying(database.lockedObject(table), of: table, in: database) {
            try leased(body)
        }
    }

    /// One attempt of ``attempting(_:_:)``.
    func leased<Result>(_ body: () throws -> Result) throws -> Result {
        let result = try database.writing(.step(lockTimeout: settings.lockTimeout)) {
            guard try database.holdLease(token, lasting: settings.lease) else { throw leaseLost() }
            let result = try body()
            try database.prolongLease(token, lasting: settings.lease)
            try settings.faults.strike(.beforeAnyCommit, stepInWork)
            return result
        }
        try settings.faults.strike(.afterAnyCommit, stepInWork)
        return result
    }

    func leaseLost() -> EngineError {
        let found = try? store.lease()
        return EngineError(.leaseLost(by: found?.token == nil ? nil : found?.holder))
    }
}

/// Pauses between attempts.
enum Pause {
    /// Grows with the attempt to two seconds, with jitter, so that two who wait do not meet again and again.
    static func backingOff(_ attempt: Int, atMost limit: Duration = .seconds(2)) {
        let longest = min(2000, 50 << min(attempt, 10))
        sleep(min(limit, .milliseconds(Int.random(in: longest / 2...longest))))
    }

    static func sleep(_ duration: Duration) {
        Thread.sleep(forTimeInterval: Double(duration.inMilliseconds) / 1000)
    }
}
