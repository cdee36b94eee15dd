import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// What must be there before anything is contracted: each missing by itself.
@Suite struct ContractGateTests {
    private let settings = Settings.test.with { $0.applications = ["api", "worker"] }

    private func sources() throws -> [MigrationSource] { [try Shelter.sources()[1]] }

    /// A rename whose transition is over, with the helper in one application and code of its own in the other.
    private func prepared(_ dialect: Dialect, through phase: Phase = .transition) throws -> Scratch {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 5)
        let engine = try scratch.engine(settings)
        try engine.attest(Attestation(application: "api"), sources: sources())
        for conduct in [Release.Conduct.both, .bothReadNew, .new] {
            try engine.attest(Attestation(application: "worker", conduct: conduct), sources: sources())
            _ = try engine.apply(sources(), through: phase)
        }
        return scratch
    }

    private func contract(_ scratch: Scratch, _ settings: Settings? = nil) throws -> ApplyReport {
        try scratch.engine(settings ?? self.settings).apply(sources(), through: .contract)
    }

    private func columns(_ scratch: Scratch) throws -> Set<String> {
        Set(try scratch.engine().database.introspect(["animals"]).tables[0].columns.map(\.name))
    }

    @Test(arguments: Dialect.allCases)
    func withEverythingItContracts(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        #expect(try contract(scratch).exitCode == 0)
        #expect(try columns(scratch) == ["id", "name", "species"])
    }

    @Test(arguments: Dialect.allCases, ["api", "worker", "third"])
    func withoutAnAttestation(dialect: Dialect, application: String) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 5)
        let all = Settings.test.with { $0.applications = ["api", "worker", "third"] }
        let others = ["api", "worker", "third"].filter { $0 != application }
        let engine = try scratch.engine(all)
        for conduct in [Release.Conduct.both, .bothReadNew, .new] {
            for other in others {
                try engine.attest(Attestation(application: other, conduct: conduct), sources: sources())
            }
            if conduct != .new {
                try engine.attest(
                    Attestation(application: application, conduct: conduct), sources: sources())
            }
            _ = try engine.apply(sources(), through: .transition)
        }
        let report = try contract(scratch, all)
        #expect(report.exitCode == 3)
        guard case .release(let missing)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(missing.map(\.application) == [application])
        #expect(try columns(scratch).contains("kind"))
    }

    /// The evidence says when, in which snapshot and of how many rows; without it nothing goes.
    @Test(arguments: Dialect.allCases, ["verify-both", "verify-old"])
    func withoutTheEvidence(dialect: Dialect, step: String) throws {
        let scratch = try prepared(dialect)
        let evidence = try scratch.engine().status(sources()).migrations[0].evidence
        let found = try #require(evidence.first { $0.step.hasSuffix(step) })
        #expect(found.rows == 5 && !found.snapshot.isEmpty && found.at.milliseconds > 0 && found.holds)

        let steps = scratch.state("steps")
        let kept = try scratch.run("SELECT evidence FROM \(steps) WHERE step LIKE '%\(step)'").scalar
        for damage in ["NULL", "replace(evidence, '\"violations\":0', '\"violations\":1')"] {
            try scratch.run("UPDATE \(steps) SET evidence = \(damage) WHERE step LIKE '%\(step)'")
            let error = #expect(throws: EngineError.self) { try contract(scratch) }
            #expect(error?.description.contains("nothing is contracted") ?? false)
            #expect(try columns(scratch).isSuperset(of: ["kind", "species"]))
        }
        try scratch.run(
            "UPDATE \(steps) SET evidence = \(dialect == .postgres ? "$1" : "?1") WHERE step LIKE '%\(step)'",
            kept ?? .null)
        #expect(try contract(scratch).exitCode == 0)
    }

    /// Somebody turned the stage by hand, or restored the state of another day.
    @Test(arguments: Dialect.allCases, ["both", "both-read-new", nil])
    func withoutTheStage(dialect: Dialect, stage: String?) throws {
        let scratch = try prepared(dialect)
        let stages = scratch.state("stages")
        try scratch.run(stage.map { "UPDATE \(stages) SET stage = '\($0)'" } ?? "DELETE FROM \(stages)")
        let error = #expect(throws: EngineError.self) { try contract(scratch) }
        #expect(error?.description.contains("the stage of 'animals.species' is recorded as") ?? false)
        #expect(try columns(scratch).contains("kind"))
    }

    /// A transaction from before the flip to `new` may still write the old column.
    @Test func withoutTheFlipBeingSettled() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 5)
        try scratch.engine().attest(Attestation(application: "app"), sources: sources())
        let stop = Settings.test.with { settings in
            settings.faults.strike = { moment, step in
                if moment == .beforeStep, step.contains("flip-new") { throw TestSupportError("stop") }
            }
        }
        #expect(throws: EngineError.self) {
            try scratch.engine(stop).apply(sources(), through: .transition)
        }
        let other = try scratch.connect()
        try other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        _ = try other.query("SELECT count(*) FROM animals", [])
        _ = try scratch.engine().apply(sources(), through: .transition)
        #expect(try scratch.run("SELECT stage FROM bellows.stages").scalar == "new")
        let report = try contract(scratch, .test)
        #expect(report.exitCode == 3)
        guard case .transactions? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(try columns(scratch).contains("kind"))
        try other.execute("COMMIT")
        #expect(try contract(scratch, .test).exitCode == 0)
    }

    @Test(arguments: Dialect.allCases)
    func withoutTheSoak(dialect: Dialect) throws {
        let scratch = try prepared(dialect)
        let report = try contract(scratch, settings.with { $0.soak = .seconds(3600) })
        #expect(report.exitCode == 3)
        guard case .soak? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        // Retired, and still there.
        #expect(try columns(scratch).contains { $0.contains("retired") })
        #expect(try contract(scratch).exitCode == 0)
        #expect(try columns(scratch) == ["id", "name", "species"])
    }

    /// Somebody who knows the old column only comes late; what is wrong is shown, row by row.
    @Test(arguments: Dialect.allCases)
    func aLateWriterIsShown(dialect: Dialect) throws {
        let scratch = try prepared(dialect, through: .expand)
        try scratch.run("UPDATE animals SET kind = 'late' WHERE id = 4")
        let report = try scratch.engine(settings).apply(sources(), through: .transition)
        #expect(report.exitCode == 3)
        #expect(try scratch.run("SELECT stage FROM \(scratch.state("stages"))").scalar == "both")
        let status = try scratch.engine(settings).status(sources())
        guard case .violations(let found)? = status.migrations[0].waitsFor.first?.condition else {
            Issue.record("\(status)")
            return
        }
        #expect(found.samples.columns == ["id", "kind", "species"])
        #expect(found.samples.rows == [[4, "late", "dog"]])
        let verified = try scratch.engine(settings).verify(sources())
        #expect(verified.first?.samples.rows == [[4, "late", "dog"]])
    }
}
