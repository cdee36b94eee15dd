import DoubleWrite
import Foundation
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// One runner at a time, and one that was replaced writes nothing.
@Suite struct LeaseTests {
    /// Does something once, at the first moment of that kind.
    private func settings(
        at moment: FaultInjection.Moment, _ body: @escaping @Sendable () throws -> Void
    ) -> Settings {
        let isDone = Mutex(false)
        return Settings.alone.with { settings in
            settings.faults.strike = { now, _ in
                guard now == moment,
                    isDone.withLock({ isDone in
                        defer { isDone = true }; return !isDone
                    })
                else {
                    return
                }
                try body()
            }
        }
    }

    @Test(arguments: Dialect.allCases)
    func letsOneRunAtATime(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        let location = scratch.location
        let seen = Mutex<EngineError?>(nil)
        let first = settings(at: .afterCommit) {
            do {
                let second = try Engine(location, settings: .alone, observer: SilentObserver())
                _ = try second.apply(Shelter.sources(), through: .contract)
            } catch {
                seen.withLock { $0 = error as? EngineError }
            }
        }
        let report = try scratch.engine(first).apply(try Shelter.sources(), through: .contract)
        #expect(report.exitCode == 0)
        let error = try #require(seen.withLock { $0 })
        #expect(error.exitCode == 5)
        #expect(error.description.contains("tester on test-host"))
    }

    @Test(arguments: Dialect.allCases)
    func writesNothingWithoutTheLease(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.seed(scratch, rows: 10)
        let before = try scratch.fingerprint()
        let location = scratch.location
        let lease = scratch.state("lease")
        // A runner that is paused between two steps, while another takes over.
        let paused = settings(at: .beforeStep) {
            let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1)).open()
            try other.session.execute("UPDATE \(lease) SET token = 'other', host = 'elsewhere'")
        }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(paused).apply(try Shelter.sources(), through: .contract)
        }
        #expect(error?.exitCode == 5)
        #expect(error?.description.contains("elsewhere") == true)
        #expect(try scratch.fingerprint() == before)
        #expect(try scratch.run("SELECT token FROM \(lease)").scalar == "other")
    }

    /// The takeover of a runner whose batch or statement is still open must wait for it.
    @Test func refusesATakeoverDuringATransaction() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.seed(scratch, rows: 10)
        let location = scratch.location
        let code = Mutex<String?>(nil)
        let running = settings(at: .beforeCommit) {
            let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1)).open()
            do {
                try other.session.execute("SET lock_timeout = 200; UPDATE bellows.lease SET token = 'other'")
            } catch let failure as DatabaseFailure {
                code.withLock { $0 = failure.code }
            }
        }
        let report = try scratch.engine(running).apply(try Shelter.sources(), through: .contract)
        #expect(report.migrations[1].outcome == .finished)
        #expect(code.withLock { $0 } == "55P03")
    }

    private func hold(_ scratch: Scratch, host: String, process: Int64, expiresIn: Int64) throws {
        try scratch.run(
            scratch.engine().database.words.sql(
                """
                UPDATE {lease} SET token = 'held', host = $1, process = $2, holder = 'ann', backend = NULL,
                    since_ms = {now}, expires_ms = {now} + $3
                """), .text(host), .integer(process), .integer(expiresIn))
    }

    @Test(arguments: Dialect.allCases)
    func leavesALiveHolderAlone(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.seed(scratch, rows: 1)
        try hold(scratch, host: "elsewhere", process: 999_999_999, expiresIn: 60_000)
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        }
        #expect(error?.description.contains("process 999999999 of ann on elsewhere") == true)
    }

    @Test(arguments: Dialect.allCases)
    func takesOverFromTheDeadAndTheSilent(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.seed(scratch, rows: 1)
        for (process, expiresIn) in [(999_999_999, Int64(60_000)), (ProcessTable.ownID, -1)] {
            try hold(scratch, host: "test-host", process: process, expiresIn: expiresIn)
            let recorder = Recorder()
            _ = try scratch.engine(.alone, recorder).apply(try Shelter.sources(), through: .contract)
            let isTaken = recorder.events.contains { event in
                if case .leaseTakenOver(let holder) = event { holder.processID == process } else { false }
            }
            #expect(isTaken)
            #expect(try scratch.run("SELECT token FROM \(scratch.state("lease"))").scalar == .null)
        }
    }

    /// After `kill -9` the server knows that the runner's session is gone.
    @Test func takesOverFromASessionThatIsGone() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.seed(scratch, rows: 1)
        try hold(scratch, host: "elsewhere", process: 1, expiresIn: 60_000)
        try scratch.run("UPDATE bellows.lease SET backend = 99999999, backend_start = '1'")
        let report = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        #expect(report.exitCode == 0)
    }

    /// What a killed runner's sessions still do is ended: they would go on until the server notices.
    @Test func endsWhatAKilledRunnerStillDoes() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.seed(scratch, rows: 1)
        guard case .postgres(let address) = scratch.location else { return }
        try hold(scratch, host: "test-host", process: 999_999_999, expiresIn: 60_000)
        let name = PostgresDatabase.name(ofRunner: "held")
        let zombie = BackgroundStatement("SELECT pg_sleep(60)", at: address, name: name)
        while zombie.backendID == nil { Thread.sleep(forTimeInterval: 0.01) }
        _ = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        let error = #expect(throws: DatabaseFailure.self) { try zombie.wait {} }
        #expect(error?.kind == .connection)
    }
}
