internal import DoubleWrite
internal import Foundation
internal import MigrationCore
internal import Synchronization

/// What a run that lost its connection needs to go on as the same runner.
struct Runners {
    private let current = CurrentToken()
    /// The tokens of the connections that were lost: whoever holds the lease by one of them is us.
    private var lost: Set<String> = []
    /// Whether the last of them held the lease for certain: then nobody else may have had it since.
    private var held = false
    /// Whether the lease was asked for under the token of now, whatever came of it.
    private var isAsked = false

    /// The token under which this engine's runs hold the lease.
    var token: String { current.value }

    /// The same, for whoever ends the run from another thread.
    var tokens: CurrentToken { current }

    /// The connection is gone, and whatever the server still does for it must not write any more: the next one has a
    /// token of its own.
    ///
    /// Several may be lost before the lease is asked for again, or where the answer did not arrive: any of them is ours.
    mutating func replace() {
        let before = current.replace()
        if isAsked { lost.insert(before) }
        isAsked = false
    }

    /// What the lease is to be taken from; `nil` where no connection was lost since it was asked for.
    mutating func asking() -> LostRunners? {
        isAsked = true
        return lost.isEmpty ? nil : LostRunners(tokens: lost, held: held)
    }

    /// The lease is held, or given back.
    mutating func note(isHeld: Bool) {
        held = isHeld
        lost = []
    }
}

/// Who this process was before it lost its connection.
struct LostRunners {
    var tokens: Set<String>
    /// Whether one of them held the lease for certain.
    var held: Bool
}

/// The token of the connection that there is now, readable from any thread.
final class CurrentToken: Sendable {
    private let token = Mutex(CurrentToken.randomToken())

    var value: String { token.withLock { $0 } }

    /// Takes another one.
    ///
    /// - Returns: The one before.
    func replace() -> String {
        token.withLock { token in
            defer { token = Self.randomToken() }
            return token
        }
    }

    /// 128 random bits.
    private static func randomToken() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension Engine {
    /// How often a run connects anew without having done a step in between, or for a while. A server that goes down at
    /// each attempt may do so because of it.
    private static let lossLimit = 10
    private static let longConnection = Duration.seconds(60)

    /// Runs `body`, which finds in the state where it has to go on, again each time that the connection was lost.
    ///
    /// - Throws: ``EngineError/Reason/connectionLost(location:code:message:)`` where it cannot be made again within the
    ///   time that the settings say, or is lost again and again.
    func surviving<Result>(_ body: () throws -> Result) throws -> Result {
        var losses = 0
        var steps = 0
        while true {
            let start = ContinuousClock.now
            do {
                return try body()
            } catch {
                let isGettingOn = tally.steps > steps || ContinuousClock.now - start > Self.longConnection
                losses = isGettingOn ? 1 : losses + 1
                steps = tally.steps
                guard let loss = loss(in: error), losses <= Self.lossLimit else { throw error }
                try reconnect(after: loss, or: error)
            }
        }
    }

    /// What the database, or the way to it, said of a connection that was lost; `nil` for any other error.
    private func loss(in error: any Error) -> String? {
        switch error {
        case let failure as DatabaseFailure where failure.isLoss: return failure.inWords
        case let error as EngineError:
            guard case .connectionLost(_, let code, let message) = error.reason else { return nil }
            return DatabaseFailure(kind: .connection, code: code, message: message).inWords
        default: return nil
        }
    }

    /// Waits until the database can be reached again.
    private func reconnect(after loss: String, or error: any Error) throws {
        let start = ContinuousClock.now
        let deadline = start + settings.reconnectTimeout
        guard ContinuousClock.now < deadline else { throw error }
        observer.observe(.connectionLost(loss, limit: settings.reconnectTimeout))
        database.close()
        runners.replace()
        var attempt = 0
        while true {
            attempt += 1
            do {
                database = try connect()
                observer.observe(.connected(after: ContinuousClock.now - start))
                return
            } catch let failure as DatabaseFailure where failure.kind == .connection {
                let left = deadline - ContinuousClock.now
                guard left > .zero else { throw error }
                Pause.backingOff(attempt, atMost: left)
            }
        }
    }
}

extension DatabaseFailure {
    /// `[57P01] terminating connection due to administrator command`.
    fileprivate var inWords: String { (code.map { "[\($0)] " } ?? "") + message }
}
