internal import Dispatch
internal import Foundation

/// Prolongs the lease from a thread and a connection of its own, for as long as the runner lives.
///
/// It only ever changes when the lease ends: that conflicts with no transaction that holds the lease's row.
final class Heartbeat: Sendable {
    private let stopping = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)

    init(_ claim: LeaseClaim, opening: DatabaseOpening) {
        let stopping = stopping
        let stopped = stopped
        var opening = opening
        // A beat is short, and useless behind the lease's end.
        opening.silenceLimit = min(opening.silenceLimit, claim.duration)
        let beating = opening
        Thread.detachNewThread {
            Self.beat(claim, beating, until: stopping)
            stopped.signal()
        }
    }

    /// Ends the thread, and waits until it has.
    func stop() {
        stopping.signal()
        stopped.wait()
    }

    private static func beat(
        _ claim: LeaseClaim, _ opening: DatabaseOpening, until stopping: DispatchSemaphore
    ) {
        let pause = DispatchTimeInterval.milliseconds(Int(max(50, claim.duration.inMilliseconds / 3)))
        var database: (any TargetDatabase)?
        defer { database?.close() }
        while stopping.wait(timeout: .now() + pause) == .timedOut {
            do {
                let connection = try database ?? opening.open()
                database = connection
                let store = StateStore(database: connection)
                // In a transaction with a limit: a row that somebody locks is not queued for.
                let isHeld = try connection.writing(.step(lockTimeout: claim.duration / 6)) {
                    try store.prolong(claim.token, by: claim.duration)
                }
                guard isHeld else { return }
            } catch {
                // A lock that is held up or a connection that broke: tried again at the next beat, the lease
                // lasts three.
                database?.close()
                database = nil
            }
        }
    }
}
