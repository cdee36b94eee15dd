internal import DoubleWrite
internal import Foundation
internal import MigrationCore

/// The right to run migrations: one runner at a time, by a row that every transaction of ours looks at first.
final class Lease {
    let claim: LeaseClaim
    private let store: StateStore
    private let opening: DatabaseOpening
    private let heartbeat: Heartbeat
    private let connectsAnew: Bool

    /// Takes the lease, or says who holds it. Does not wait for a holder that is alive.
    ///
    /// - Parameters:
    ///   - lost: By what tokens this process may hold the lease from before it lost its connection. Where it did for certain,
    ///     and anybody took the lease meanwhile, and be it given back by now, this run is over.
    ///   - connectsAnew: Whether a run that loses its connection goes on with another one.
    /// - Throws: ``EngineError/Reason/leaseHeld(_:)``, ``EngineError/Reason/leaseLost(by:)``.
    init(
        _ claim: LeaseClaim, store: StateStore, opening: DatabaseOpening, observer: any EngineObserver,
        replacing lost: LostRunners? = nil, connectsAnew: Bool = true
    ) throws {
        self.claim = claim
        self.connectsAnew = connectsAnew
        self.store = store
        self.opening = opening
        try Self.take(claim, store: store, observer: observer, replacing: lost)
        heartbeat = Heartbeat(claim, opening: opening)
    }

    /// Ends the heartbeat and gives the lease back.
    func end() {
        heartbeat.stop()
        // Where this fails the lease ends by itself, or its process is found dead; until then nobody else can run, so a
        // file that is busy is asked again.
        let database = store.database
        try? database.patience.trying(database.lockedObject(nil), of: nil, in: database) {
            try database.writing(.state) { try store.giveBack(claim.token) }
        }
    }

    /// How often another may be faster before this gives up.
    private static let takeAttempts = 3

    /// One that finds the row locked says by whom: that is no holder of the lease, or one that is over.
    private static func take(
        _ claim: LeaseClaim, store: StateStore, observer: any EngineObserver, replacing lost: LostRunners?
    ) throws {
        let database = store.database
        let isServer = database.dialect == .postgres
        for _ in 1...takeAttempts {
            let before = try database.patience.trying(
                isServer ? "the lease" : database.lockedObject(nil),
                of: isServer ? TableName(schema: "bellows", "lease") : nil, in: database
            ) { () -> LeaseRecord? in
                let found = try store.lease()
                let isOurs = found.token.map { lost?.tokens.contains($0) ?? false } ?? false
                if let lost, lost.held, !isOurs {
                    throw EngineError(.leaseLost(by: found.token == nil ? nil : found.holder))
                }
                if let token = found.token {
                    guard try isOurs || found.isExpired || isDead(found, claim, store) else {
                        throw EngineError(.leaseHeld(found.holder))
                    }
                    try database.terminate(holder: token)
                }
                let isTaken = try database.writing(.step(lockTimeout: database.patience.lockTimeout)) {
                    try take(claim, from: found, store)
                }
                return isTaken ? found : nil
            }
            guard let before else { continue }
            if let token = before.token, lost?.tokens.contains(token) != true {
                observer.observe(.leaseTakenOver(from: before.holder))
            }
            return
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

    /// Whether the holder is provably gone: its server process, or where there is no server its process.
    ///
    /// A process number says nothing on another machine, after another boot, or in another container.
    private static func isDead(_ found: LeaseRecord, _ claim: LeaseClaim, _ store: StateStore) throws -> Bool
    {
        if store.database.dialect == .postgres {
            guard let backend = found.backend, let start = found.backendStart else { return false }
            return try store.database.isGone(backend: backend, start: start)
        }
        guard let machine = found.machine, machine == claim.machine, found.holder.host == claim.host,
            found.holder.processID != claim.processID
        else {
            return false
        }
        return !ProcessTable.isAlive(found.holder.processID)
    }

    /// The same where the run ended with an error; the error, as ``explaining(_:)`` words it.
    ///
    /// Where the connection is lost the lease stays ours, so that it shows whether anybody took it meanwhile.
    func end(with error: any Error) -> any Error {
        let explained = explaining(error)
        if Self.isLoss(explained) { heartbeat.stop() } else { end() }
        return explained
    }

    // MARK: - A connection that was lost

    private static func isLoss(_ error: any Error) -> Bool {
        switch error {
        case let failure as DatabaseFailure: return failure.isLoss
        case let error as EngineError:
            if case .connectionLost = error.reason { return true }
            return false
        default: return false
        }
    }

    /// A runner that takes over ends the connections of the one before it first: what looks like a lost
    /// connection may be that.
    private func explaining(_ error: any Error) -> any Error {
        let lost: EngineError
        switch error {
        case let error as EngineError: lost = error
        case let failure as DatabaseFailure:
            lost = failure.engineError(doing: "", location: opening.location.description)
        default: return error
        }
        guard case .connectionLost = lost.reason, let holder = successor() else { return error }
        return EngineError(.leaseLost(by: holder), migration: lost.migration, step: lost.step)
    }

    /// Who holds the lease instead, once that shows: a takeover has yet to write it.
    ///
    /// Where the run connects anew that is no matter of time: only one of the two can take the lease from the run that was.
    private func successor() -> LeaseHolder? {
        var opening = opening
        // Or whoever takes over would end this connection, too.
        opening.token = ""
        guard let database = try? opening.open() else { return nil }
        defer { database.close() }
        let store = StateStore(database: database)
        for _ in 0..<(connectsAnew ? 1 : 10) {
            guard let found = try? store.lease() else { return nil }
            if let token = found.token, token != claim.token { return found.holder }
            if !connectsAnew { Pause.sleep(.milliseconds(100)) }
        }
        return nil
    }
}
