import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

@Suite struct LifeCycleTests {
    @Test(arguments: Dialect.allCases)
    func appliesAFreshHistory(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        let report = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        #expect(report.migrations.map(\.outcome) == [.finished, .finished])
        #expect(report.exitCode == 0)
        try scratch.run("INSERT INTO animals (id, name, species) VALUES (1, 'Rex', 'dog')")
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT kind FROM animals") }
        #expect(try scratch.run("SELECT stage FROM \(scratch.state("stages"))").rows == [[.text("done")]])

        let again = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        #expect(again.migrations.map(\.stepsRun) == [0, 0])
        #expect(again.migrations.map(\.outcome) == [.finished, .finished])
    }

    @Test(arguments: Dialect.allCases)
    func renamesWithGates(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.seed(scratch, rows: 3000)
        let sources = try Shelter.sources()
        let waiting = try scratch.engine().apply(sources, through: .transition)
        #expect(waiting.exitCode == 3)
        let gate = try #require(waiting.migrations[1].unmetGates.first)
        #expect(gate.remedies == ["bellows attest app --migration 0002_species"])
        let status0 = try scratch.engine().status(sources)
        #expect(status0.migrations[1].state == .pending)

        let attested = try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        #expect(attested == ["0002_species"])
        let expanded = try scratch.engine().apply(sources, through: .expand)
        #expect(expanded.migrations[1].outcome == .reached(next: .transition))
        #expect(expanded.migrations[1].rows == 2000)
        let same = try scratch.run(
            "SELECT count(*) FROM animals WHERE species IS NOT DISTINCT FROM kind".in(dialect))
        #expect(same.scalar == .integer(3000))
        #expect(try scratch.run("SELECT stage, epoch FROM \(scratch.state("stages"))").rows == [["both", 1]])

        let moved = try scratch.engine().apply(sources, through: .transition)
        #expect(moved.migrations[1].outcome == .reached(next: .contract))
        #expect(try scratch.run("SELECT stage, epoch FROM \(scratch.state("stages"))").rows == [["new", 3]])
        let status = try scratch.engine().status(sources)
        #expect(!status.migrations[1].evidence.contains { !$0.holds })
        #expect(status.migrations[1].evidence.count >= 3)

        let soaking = try scratch.engine(.test.with { $0.soak = .seconds(3600) }).apply(
            sources, through: .contract)
        #expect(soaking.exitCode == 3)
        guard case .soak(_, let remaining) = soaking.migrations[1].unmetGates.first?.condition else {
            Issue.record("no soak in \(soaking)")
            return
        }
        #expect(remaining > .seconds(3500))
        let done = try scratch.engine().apply(sources, through: .contract)
        #expect(done.migrations[1].outcome == .finished)
        #expect(throws: DatabaseFailure.self) { _ = try scratch.run("SELECT kind FROM animals") }
        #expect(try scratch.run("SELECT count(species) FROM animals").scalar == .integer(2000))
    }
}

extension String {
    /// A condition as the dialect says it.
    func `in`(_ dialect: Dialect) -> String {
        dialect == .postgres
            ? self
            : replacing("IS NOT DISTINCT FROM", with: "IS")
                .replacing("IS DISTINCT FROM", with: "IS NOT")
    }
}
