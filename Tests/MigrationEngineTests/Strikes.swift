import MigrationCore
import Synchronization
import Testing

@testable import MigrationEngine

/// Stops a run the first time that it comes to each moment of each step.
final class Strikes: Sendable {
    struct Struck: Error {
        var point: String
    }

    private let seen = Mutex<Set<String>>([])

    var settings: Settings {
        Settings.test.with { settings in
            settings.faults.strike = { moment, step in try self.strike("\(moment) \(step)") }
        }
    }

    var count: Int { seen.withLock { $0.count } }

    private func strike(_ point: String) throws {
        guard seen.withLock({ $0.insert(point).inserted }) else { return }
        throw Struck(point: point)
    }

    /// Runs until it is not stopped any more.
    static func insist(_ limit: Int = 300, _ body: () throws -> ApplyReport) throws -> ApplyReport {
        for _ in 0..<limit {
            do {
                return try body()
            } catch let error as EngineError {
                guard case .state(let message) = error.reason, message.contains("Struck") else { throw error }
            }
        }
        Issue.record("stopped more than \(limit) times")
        return ApplyReport()
    }
}
