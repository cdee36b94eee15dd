import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// Every operation on both databases, stopped at every moment that a run has: before each step, before and behind each
/// commit, batches and the pieces of a rebuild among them.
@Suite("Crashes", .serialized) struct CrashTests {
    @Test(
        "an apply that is stopped at every moment ends where an uninterrupted one does",
        arguments: LifeCycle.all)
    func resumes(cycle: LifeCycle) throws {
        let straight = try CrashCrew(cycle, struckBy: Strikes { _ in })
        try straight.apply()
        let strikes = Strikes()
        let broken = try CrashCrew(cycle, struckBy: strikes)
        try broken.apply()
        #expect(strikes.count >= 8)
        let otherwise = difference(try broken.subject.contents(), try straight.subject.contents())
        #expect(otherwise == "", "\(otherwise)")
    }
}
