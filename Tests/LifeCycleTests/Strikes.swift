import MigrationCore
import Synchronization

@testable import MigrationEngine

/// Strikes a run at each moment that it comes to: one of them in each attempt.
///
/// A moment is told by its kind, its step, and how many of that kind the attempt has had in that step: every commit
/// counts. With a strike the attempt is over.
final class Strikes: Sendable {
    struct Struck: Error {
        var point: String
    }

    private struct Seen {
        var points: Set<String> = []
        var inAttempt: [String: Int] = [:]
    }

    private let seen = Mutex(Seen())
    private let onStrike: @Sendable (String) throws -> Void

    /// - Parameter onStrike: What happens; by default the run is stopped by an error.
    init(_ onStrike: @escaping @Sendable (String) throws -> Void = { throw Struck(point: $0) }) {
        self.onStrike = onStrike
    }

    /// How often it has struck.
    var count: Int { seen.withLock { $0.points.count } }

    /// The next attempt begins.
    func begin() { seen.withLock { $0.inAttempt = [:] } }

    /// What the engine is to be given.
    func strike(_ moment: FaultInjection.Moment, _ step: String) throws {
        let point = seen.withLock { seen in
            let kind = "\(moment) \(step)"
            let number = seen.inAttempt[kind, default: 0] + 1
            seen.inAttempt[kind] = number
            let point = "\(kind) #\(number)"
            guard seen.points.insert(point).inserted else { return String?.none }
            seen.inAttempt = [:]
            return point
        }
        if let point { try onStrike(point) }
    }
}
