import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

@Suite struct VerifyTests {
    @Test(arguments: Dialect.allCases)
    func holdsTheFlipWhereRowsDiffer(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        _ = try scratch.engine().apply(sources, through: .expand)
        #expect(try scratch.engine().verify(sources).map(\.holds) == [true])
        // Somebody writes the old column only.
        try scratch.run("UPDATE animals SET kind = 'bird' WHERE id IN (2, 3)")

        let counted = try #require(try scratch.engine().verify(sources).first)
        #expect(counted.counts.map(\.violations) == [2, 2])
        #expect(counted.rows == 10)
        #expect(counted.samples.rows.count == 2)
        let report = try scratch.engine().apply(sources, through: .transition)
        #expect(report.exitCode == 3)
        guard case .violations(let found)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(found.counts.map(\.violations) == [2, 2])
        #expect(try scratch.run("SELECT stage FROM \(scratch.state("stages"))").scalar == "both")
        #expect(try scratch.engine().status(sources).migrations[0].waitsFor.count == 1)
        // No row's value is kept in the state.
        let kept = try scratch.run(
            "SELECT count(*) FROM \(scratch.state("steps")) WHERE evidence LIKE '%bird%'")
        #expect(kept.scalar == .integer(0))

        // What the report advises is what helps.
        try scratch.run(try #require(found.repair))
        #expect(try scratch.engine().apply(sources, through: .transition).exitCode == 0)
    }

    /// Behind the flip of the truth it is the other column that is repaired.
    @Test(arguments: Dialect.allCases)
    func repairsTheDerivedColumn(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        let stop = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                if moment == .beforeStep, step.contains("verify-old") { throw TestSupportError("stop") }
            }
        }
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop).apply(sources, through: .transition)
        }
        try scratch.run("UPDATE animals SET species = 'bird' WHERE id = 2")
        let report = try scratch.engine(.alone).apply(sources, through: .transition)
        guard case .violations(let found)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        try scratch.run(try #require(found.repair))
        #expect(try scratch.run("SELECT kind FROM animals WHERE id = 2").scalar == "bird")
        #expect(try scratch.engine(.alone).apply(sources, through: .transition).exitCode == 0)
    }

    /// What was counted yesterday does not count for the flip of today.
    @Test(arguments: Dialect.allCases)
    func countsAgainAfterAPause(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        let stop = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                if moment == .beforeStep, step.contains("flip") { throw TestSupportError("stop") }
            }
        }
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(stop).apply(sources, through: .transition)
        }
        try scratch.run("UPDATE animals SET kind = 'bird' WHERE id = 2")
        let report = try scratch.engine(.alone).apply(sources, through: .transition)
        #expect(report.exitCode == 3)
        #expect(try scratch.run("SELECT stage FROM \(scratch.state("stages"))").scalar == "both")
    }

    @Test(arguments: Dialect.allCases)
    func asksEveryApplication(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 1)
        let sources = [try Shelter.sources()[1]]
        let settings = Settings.test.with { $0.applications = ["api", "worker"] }
        func missing(_ phase: Phase = .contract) throws -> [String] {
            let report = try scratch.engine(settings).apply(sources, through: phase)
            return report.migrations[0].unmetGates.flatMap(\.remedies)
        }
        #expect(try missing().count == 2)
        try scratch.engine(settings).attest(Attestation(application: "api"), sources: sources)
        #expect(try missing() == ["bellows attest worker --migration 0002_species"])
        // By its own code, stage by stage.
        var advised: [String] = []
        for conduct in [Release.Conduct.both, .bothReadNew, .new] {
            let attestation = Attestation(application: "worker", conduct: conduct)
            try scratch.engine(settings).attest(attestation, sources: sources)
            advised += try missing(conduct == .new ? .contract : .transition)
        }
        let command = "bellows attest worker --migration 0002_species"
        #expect(advised == ["\(command) --as both-read-new", "\(command) --as new"])
        #expect(try scratch.engine(settings).status(sources).migrations[0].state == .finished)
    }
}
