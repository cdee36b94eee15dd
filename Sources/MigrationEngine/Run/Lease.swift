internal import DoubleWrite
internal import Foundation
internal import MigrationCore

/// The right to run migrations: one runner at a time, by a row that every transaction of ours looks at first.
final class Lease {
    let claim: LeaseClaim
    private let store: StateStore
    private let heartbeat: Heartbeat

    /// Takes the lease, or says who holds it. Does not wait for a holder that is alive.
    ///
    /// - Throws: ``EngineError/Reason/leaseHeld(_:)``.
    init(_ claim: LeaseClaim, store: StateStore, opening: DatabaseOpening, observer: any EngineObserver)
        throws
    {
        self.claim = claim
        self.store = store
        try Self.take(claim, store: store, observer: observer)
        heartbeat = Heartbeat(claim, opening: opening)
    }

    /// Ends the heartbeat and gives the lease back.
    func end() {
        heartbeat.stop()
        // Where this fails the lease ends by itself, or its process is found dead.
        try? store.database.writing(.state) { try store.giveBack(claim.token) }
    }

    /// How often a takeover is tried for while the former holder's last transaction still runs.
    private static let takeoverAttempts = 3

    private static func take(_ claim: LeaseClaim, store: StateStore, observer: any EngineObserver) throws {
        for attempt in 1...takeoverAttempts {
            let found = try store.lease()
            if let token = found.token {
                guard try found.isExpired || isDead(found, claim, store) else {
                    throw EngineError(.leaseHeld(found.holder))
                }
                try store.database.terminate(holder: token)
            }
            do {
                if try store.database.writing(.state, { try take(claim, from: found, store) }) {
                    if found.token != nil { observer.observe(.leaseTakenOver(from: found.holder)) }
                    return
                }
            } catch let failure as DatabaseFailure where failure.kind == .lockNotAvailable {
                guard attempt < takeoverAttempts else { break }
            }
        }
        throw EngineError(.leaseHeld(try store.lease().holder))
    }

    private static func take(_ claim: LeaseClaim, from found: LeaseRecord, _ store: StateStore) throws -> Bool
    {
        guard try store.take(claim, insteadOf: found.token) else { return false }
        try store.log(
            found.token == nil ? "lease taken" : "lease taken over", migration: nil,
            detail: "process \(claim.processID) of \(claim.user) on \(claim.host)")
        return true
    }

    /// Whether the holder is provably gone: its server process, or its process on this very machine.
    ///
    /// Being wrong would do no harm: a holder that lives after all finds its token changed before it writes.
    private static func isDead(_ found: LeaseRecord, _ claim: LeaseClaim, _ store: StateStore) throws -> Bool
    {
        if let backend = found.backend, let start = found.backendStart,
            try store.database.isGone(backend: backend, start: start)
        {
            return true
        }
        guard found.holder.host == claim.host, found.holder.processID != claim.processID else { return false }
        return !ProcessTable.isAlive(found.holder.processID)
    }
}
