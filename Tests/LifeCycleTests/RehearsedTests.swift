import DoubleWrite
import MigrationCore
import MigrationEngine
import Rehearsal
import Testing

/// Every life cycle once more, under rolling deploys that follow from a seed.
@Suite("Rehearsed life cycles", .serialized) struct RehearsedTests {
    @Test("every operation passes its rehearsal", arguments: LifeCycle.all)
    func passes(cycle: LifeCycle) throws {
        var options = RehearsalOptions(
            dialect: cycle.dialect, seed: 7, schedules: cycle.dialect == .sqlite ? 6 : 2,
            schema: cycle.setUp.joined(separator: ";\n"))
        options.isTimed = false
        let report = try Rehearsal([cycle.source], options: options).rehearse(cycle.migration.name)
        let failure = report.failure.map { "\($0.message)\n\($0.trace.joined(separator: "\n"))" }
        #expect(report.failure == nil, "\(failure ?? "")")
        #expect(report.tally.schedules == options.schedules)
        // What applications do not write is told, and why.
        #expect(report.tally.writes > 0 || !report.notes.isEmpty || report.tables.isEmpty, "\(report)")
    }
}
