import DoubleWrite
import MigrationCore
import PostgresDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// A transaction that was open at a flip holds the next one, and is named.
@Suite struct SettlingTests {
    private func blockers(_ report: ApplyReport) throws -> [Blocker] {
        #expect(report.exitCode == 3)
        let gate = try #require(report.migrations.first?.unmetGates.first)
        guard case .transactions(let blockers) = gate.condition else {
            Issue.record("\(gate)")
            return []
        }
        return blockers
    }

    @Test func waitsForExactlyThoseThatWereOpen() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        guard case .postgres(let address) = scratch.location else { return }
        let first = try PostgresSession(address, name: "old release")
        try first.execute("BEGIN; SELECT 1")
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)

        let waiting = try blockers(scratch.engine().apply(sources, through: .expand))
        #expect(waiting.map(\.application) == ["old release"])
        #expect(waiting.map(\.state) == ["idle in transaction"])
        #expect(waiting.first?.processID == first.connection.backendID)
        let status = try scratch.engine().status(sources)
        #expect(status.migrations[0].waitsFor.count == 1)
        let missing = try scratch.run("SELECT 1 FROM pg_attribute WHERE attname = 'species'").rows
        #expect(missing.isEmpty)

        // Somebody who began after the list was taken has seen the attested release: not waited for, here.
        let second = try PostgresSession(address, name: "newcomer")
        try second.execute("BEGIN; SELECT 1")
        try first.execute("COMMIT")
        let atBackfill = try blockers(scratch.engine().apply(sources, through: .expand))
        #expect(atBackfill.map(\.application) == ["newcomer"])
        #expect(try scratch.run("SELECT stage, settled FROM bellows.stages").rows == [["both", false]])

        try second.execute("COMMIT")
        let done = try scratch.engine().apply(sources, through: .expand)
        #expect(done.migrations[0].outcome == .reached(next: .transition))
        #expect(try scratch.run("SELECT stage, settled FROM bellows.stages").rows == [["both", true]])
    }

    @Test func everyFlipWaits() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 10)
        let sources = [try Shelter.sources()[1]]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        _ = try scratch.engine().apply(sources, through: .expand)
        guard case .postgres(let address) = scratch.location else { return }
        var stages: [String] = []
        // Each flip finds a transaction that was open at the one before.
        for _ in 0..<2 {
            let straggler = try PostgresSession(address, name: "straggler")
            let settings = Settings.test.with { settings in
                settings.faults.strike = { moment, step in
                    if moment == .afterCommit, step.contains("flip") { throw TestSupportError("stop") }
                }
            }
            _ = try? scratch.engine(settings).apply(sources, through: .transition)
            try straggler.execute("BEGIN; SELECT 1")
            stages.append(try scratch.run("SELECT stage FROM bellows.stages").scalar?.text ?? "")
            _ = try blockers(scratch.engine().apply(sources, through: .contract))
            stages.append(try scratch.run("SELECT stage FROM bellows.stages").scalar?.text ?? "")
        }
        #expect(stages == ["both-read-new", "both-read-new", "new", "new"])
    }

    @Test func theTimeIsOverAtTheLimit() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 1)
        let sources = [try Shelter.sources()[1]]
        guard case .postgres(let address) = scratch.location else { return }
        let open = try PostgresSession(address, name: "open")
        try open.execute("BEGIN; SELECT 1")
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        let recorder = Recorder()
        let report = try scratch.engine(.test.with { $0.settleTimeout = .zero }, recorder).apply(
            sources, through: .expand)
        #expect(report.exitCode == 3)
        // Without writers there is nobody to wait for.
        let alone = try scratch.engine(.alone).apply(sources, through: .expand)
        #expect(alone.exitCode == 0)
    }
}
