import DoubleWrite
import MigrationCore
import MigrationEngine
import Rehearsal
import Testing

/// Every life cycle once more, under rolling deploys that follow from a seed.
@Suite("Rehearsed life cycles", .serialized) struct RehearsedTests {
    @Test("every operation passes its rehearsal", arguments: LifeCycle.all)
    func passes(cycle: LifeCycle) throws {
        try cycle.rehearse(schedules: cycle.dialect == .sqlite ? 2 : 1, seed: 7)
    }
}

@Suite("Life cycles rehearsed often", .serialized) struct ExhaustiveRehearsedTests {
    @Test("every operation passes many rehearsals", arguments: LifeCycle.all)
    func passes(cycle: LifeCycle) throws {
        try cycle.rehearse(schedules: cycle.dialect == .sqlite ? 20 : 4, seed: 8)
    }
}

extension LifeCycle {
    fileprivate func rehearse(schedules: Int, seed: UInt64) throws {
        var options = RehearsalOptions(
            dialect: dialect, seed: seed, schedules: schedules, schema: setUp.joined(separator: ";\n"))
        options.isTimed = false
        let report = try Rehearsal([source], options: options).rehearse(migration.name)
        let failure = report.failure.map { "\($0.message)\n\($0.trace.joined(separator: "\n"))" }
        #expect(report.failure == nil, "\(failure ?? "")")
        #expect(report.tally.schedules == options.schedules)
        // What applications do not write is told, and why. In a single schedule they may have come to nothing.
        guard schedules > 1 else { return }
        #expect(report.tally.writes > 0 || !report.notes.isEmpty || report.tables.isEmpty, "\(report)")
    }
}
