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

    private func hold(
        _ scratch: Scratch, host: String, process: Int64, expiresIn: Int64, backend: Int64? = nil,
        machine: String = ProcessTable.machine ?? "unknown"
    ) throws {
        try scratch.run(
            scratch.engine().database.words.sql(
                """
                UPDATE {lease} SET token = 'held', host = $1, process = $2, holder = 'ann', machine = $4,
                    backend = $5, backend_start = '1', since_ms = {now}, expires_ms = {now} + $3
                """), .text(host), .integer(process), .integer(expiresIn), .text(machine),
            backend.map { .integer($0) } ?? .null)
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
            // The one server process is gone, of the other nothing is known.
            try hold(
                scratch, host: "test-host", process: process, expiresIn: expiresIn,
                backend: expiresIn > 0 ? 99_999_999 : nil)
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
        try hold(scratch, host: "elsewhere", process: 1, expiresIn: 60_000, backend: 99_999_999)
        let report = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        #expect(report.exitCode == 0)
    }

    /// What a killed runner's sessions still do is ended: they would go on until the server notices.
    @Test func endsWhatAKilledRunnerStillDoes() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.seed(scratch, rows: 1)
        guard case .postgres(let address) = scratch.location else { return }
        try hold(
            scratch, host: "test-host", process: 999_999_999, expiresIn: 60_000, backend: 99_999_999)
        let name = PostgresDatabase.name(ofRunner: "held")
        let zombie = BackgroundStatement("SELECT pg_sleep(60)", at: address, name: name)
        while zombie.backendID == nil { Thread.sleep(forTimeInterval: 0.01) }
        _ = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        let error = #expect(throws: DatabaseFailure.self) { try zombie.wait {} }
        #expect(error?.kind == .connection)
    }

    /// A container may share the host's name, and see none of its processes.
    @Test(arguments: Dialect.allCases)
    func leavesAHolderInAnotherContainerAlone(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.seed(scratch, rows: 1)
        try hold(
            scratch, host: "test-host", process: 999_999_999, expiresIn: 60_000,
            machine: dialect == .sqlite ? "a boot pid:[1]" : ProcessTable.machine ?? "unknown")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        }
        #expect(error?.exitCode == 5)
        #expect(error?.description.contains("process 999999999 of ann on test-host") == true)
    }

    /// Nobody holds the lease: whoever holds the lock is to blame, not the run before.
    @Test func namesWhoLocksAFreeLease() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.seed(scratch, rows: 1)
        let name = "lease of \(try scratch.run("SELECT current_database()").scalar?.text ?? "")"
        let session = try scratch.connect()
        try session.execute("BEGIN; UPDATE bellows.lease SET host = host; PREPARE TRANSACTION '\(name)'")
        defer { try? session.execute("ROLLBACK PREPARED '\(name)'") }
        let recorder = Recorder()
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone, recorder).apply(try Shelter.sources(), through: .contract)
        }
        guard case .lockTimeout("the lease", 3, let blockers) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(blockers.map(\.preparedName) == [name])
        #expect(recorder.events.count == 2)
    }

    @Test func saysThatTheFileIsLocked() throws {
        let scratch = try Scratch(.sqlite)
        try Shelter.seed(scratch, rows: 1)
        let session = try scratch.connect()
        try session.execute("BEGIN IMMEDIATE")
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
        }
        #expect(error?.exitCode == 5)
        #expect(error?.description.hasPrefix("no lock on the database, locked by another process") == true)
    }

    @Test func saysThatTheConnectionWasLost() throws {
        for isTakenOver in [false, true] {
            let scratch = try Scratch(.postgres)
            try Shelter.seed(scratch, rows: 10)
            let location = scratch.location
            var cut = settings(at: .beforeStep) {
                let other = try DatabaseOpening(location: location, token: "x", busyTimeout: .seconds(1))
                    .open()
                if isTakenOver {
                    try other.session.execute("UPDATE bellows.lease SET token = 'new', host = 'elsewhere'")
                }
                try other.session.execute(
                    """
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
                        AND datname = current_database() AND application_name LIKE 'bellows/%'
                    """)
            }
            cut.reconnectTimeout = .zero
            let error = try #require(
                #expect(throws: EngineError.self) {
                    _ = try scratch.engine(cut).apply(try Shelter.sources(), through: .contract)
                })
            #expect(error.exitCode == (isTakenOver ? 5 : 1))
            let part = isTakenOver ? "lease taken over by process" : "was lost [57P01]"
            #expect(error.description.contains(part), "\(error)")
            if !isTakenOver {
                #expect(error.description.contains("run the same command again"))
                let again = try scratch.engine(.alone).apply(try Shelter.sources(), through: .contract)
                #expect(again.exitCode == 0)
            }
        }
    }

    @Test func wordsErrors() {
        let one = EngineError(.lockTimeout(object: "table 'a'", attempts: 1, blockers: []))
        #expect(one.description.hasPrefix("no lock on table 'a' after 1 attempt; "))
        let unknown = EngineError(.unknownApplication("ap", known: ["app", "web"], nearest: "app"))
        #expect(
            unknown.description == "no application 'ap' is listed, did you mean 'app'? Listed: app, web")
        let far = EngineError(.unknownApplication("x", known: ["app"], nearest: nil))
        #expect(far.description == "no application 'x' is listed; listed: app")
    }
}
