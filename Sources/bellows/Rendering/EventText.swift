import MigrationCore
import MigrationEngine

/// What is said of an event of a run, of one database and of many, on one line.
enum EventText {
    static func takenOver(from holder: LeaseHolder) -> String {
        "took over from \(holder), gone or silent, here since \(holder.since)".onOneLine
    }

    static func oldTransactions(before step: Step, _ blockers: [Blocker]) -> String {
        let who = blockers.map(\.description).joined(separator: "; ")
        return "warning: '\(step.title)' queues behind transactions that are open for long: \(who)".onOneLine
    }

    static func connectionLost(_ why: String, limit: Duration) -> String {
        "the connection was lost: \(why); connecting again, for \(Words.duration(limit)) at most".onOneLine
    }

    static func connected(after time: Duration) -> String { "connected again after \(Words.duration(time))" }

    /// - Parameter reasons: Why a backfill waits; none where it goes on.
    static func held(_ reasons: [HoldReason]) -> String {
        reasons.isEmpty ? "goes on" : "waits: " + reasons.map(\.description).joined(separator: "; ").onOneLine
    }
}
