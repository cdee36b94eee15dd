import DoubleWrite
import Foundation
import MigrationCore
import PostgresDriver
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

/// A backfill that is paused, resumed, held up and stopped.
@Suite struct PauseTests {
    private let sources: [MigrationSource]

    init() throws { sources = [try Shelter.sources()[1]] }

    private var settings: Settings {
        Settings.alone.with { settings in
            settings.pacing.interval = .milliseconds(10)
            settings.pacing.batchTime = .milliseconds(5)
            settings.pacing.holdLimit = .seconds(60)
        }
    }

    /// Something that is done behind the first batch.
    private func settings(afterFirstBatch body: @escaping @Sendable () throws -> Void) -> Settings {
        let isDone = Mutex(false)
        return settings.with { settings in
            settings.faults.strike = { moment, step in
                guard moment == .afterCommit, step.contains("backfill"),
                    isDone.withLock({ isDone in
                        defer { isDone = true }
                        return !isDone
                    })
                else { return }
                try body()
            }
        }
    }

    private func left(_ scratch: Scratch) throws -> SQLValue? {
        try scratch.run(
            "SELECT count(*) FROM animals WHERE kind IS DISTINCT FROM species".in(scratch.dialect)
        )
        .scalar
    }

    @Test(arguments: Dialect.allCases)
    func waitsUntilItIsResumed(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 30_000)
        let location = scratch.location
        let pausing = settings {
            let other = try Engine(location, settings: .test, observer: SilentObserver())
            try other.pause(reason: "the sale")
            other.close()
        }
        let seen = Mutex<[[HoldReason]]>([])
        let observer = HoldObserver { reasons in
            seen.withLock { $0.append(reasons) }
            guard !reasons.isEmpty else { return }
            // Whoever waits writes nothing, and holds nothing.
            _ = BackgroundWriter {
                let other = try Engine(location, settings: .test, observer: SilentObserver())
                let note = try other.resume()
                #expect(note?.by == "tester on test-host")
                other.close()
            }
        }
        let report = try scratch.engine(pausing, observer).apply(sources, through: .expand)
        #expect(report.exitCode == 0)
        #expect(try left(scratch) == 0)
        let reasons = seen.withLock { $0 }
        #expect(reasons.count == 2)
        #expect(reasons.first?.first?.description.hasSuffix(": the sale") == true)
        let events = try scratch.run("SELECT event FROM \(scratch.state("events")) ORDER BY id").rows
        #expect(events.contains([.text("paused")]))
        #expect(events.contains([.text("resumed")]))
    }

    /// At the limit it leaves with code 3; nothing is lost.
    @Test(arguments: Dialect.allCases)
    func leavesAtTheLimit(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 30_000)
        let location = scratch.location
        var pausing = settings {
            let other = try Engine(location, settings: .test, observer: SilentObserver())
            try other.pause()
            other.close()
        }
        pausing.pacing.holdLimit = .milliseconds(50)
        let report = try scratch.engine(pausing).apply(sources, through: .expand)
        #expect(report.exitCode == 3)
        let gate = try #require(report.migrations[0].unmetGates.first)
        #expect(gate.description.hasPrefix("is held up: paused by tester on test-host since "))
        #expect(gate.remedies == ["bellows resume"])
        let status = try scratch.engine().status(sources)
        #expect(status.pause?.by == "tester on test-host")
        #expect(status.migrations[0].rows > 0)
        // A run that comes to it leaves at once, whatever its limit.
        #expect(try scratch.engine(settings).apply(sources, through: .expand).exitCode == 3)
        #expect(try scratch.engine(settings).status(sources).migrations[0].error == nil)
        #expect(try scratch.engine().resume() != nil)
        #expect(try scratch.engine().resume() == nil)
        #expect(try scratch.engine(settings).apply(sources, through: .expand).exitCode == 0)
        #expect(try left(scratch) == 0)
    }

    /// Asked to stop: behind the batch, with the cursor; and it is no failure.
    @Test(arguments: Dialect.allCases)
    func stopsBehindTheBatch(dialect: Dialect) throws {
        let scratch = try Scratch(dialect)
        try Shelter.table(scratch, rows: 30_000)
        let stop = StopSwitch()
        var stopping = settings { stop.stop(exitCode: 143) }
        stopping.stop = stop
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(stopping).apply(sources, through: .expand)
        }
        #expect(error?.reason == .stopped(exitCode: 143))
        #expect(error?.exitCode == 143)
        let status = try scratch.engine().status(sources)
        #expect(status.lease == nil)
        #expect(status.migrations[0].error == nil)
        let rows = status.migrations[0].rows
        #expect(rows > 0)
        let written = try scratch.run("SELECT count(species) FROM animals").scalar
        #expect(written == .integer(rows))
        let report = try scratch.engine(settings).apply(sources, through: .expand)
        #expect(report.migrations[0].rows == 20_000 - rows)
    }

    /// While it waits it can be stopped as well.
    @Test func stopsWhileItIsPaused() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 30_000)
        let location = scratch.location
        let stop = StopSwitch()
        var pausing = settings {
            try Engine(location, settings: .test, observer: SilentObserver()).pause()
        }
        pausing.stop = stop
        let observer = HoldObserver { _ in stop.stop(exitCode: 130) }
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(pausing, observer).apply(sources, through: .expand)
        }
        #expect(error?.exitCode == 130)
    }

    /// By how many sessions are active: others go first.
    @Test func waitsForTheLoadToFall() throws {
        let scratch = try Scratch(.postgres)
        try Shelter.table(scratch, rows: 30_000)
        guard case .postgres(let address) = scratch.location else { return }
        // The tests share one server, so the number is one that they never reach by themselves.
        let limit = 20
        let sessions = try (0..<limit * 3).map { _ in try PostgresSession(address, name: "busy") }
        let sleepers = sessions.map { session in
            let canceller = session.connection.canceller()
            let held = Held(session)
            return (
                canceller,
                BackgroundWriter { _ = try? held.session.query("SELECT pg_sleep(60)", []) }
            )
        }
        let busy = settings.with { $0.pacing.maxLoad = limit }
        let isHeld = Mutex(false)
        let observer = HoldObserver { reasons in
            guard !reasons.isEmpty, isHeld.withLock({ $0 }) == false else { return }
            isHeld.withLock { $0 = true }
            for (canceller, _) in sleepers { try? canceller.cancel() }
        }
        let report = try scratch.engine(busy, observer).apply(sources, through: .expand)
        #expect(report.exitCode == 0)
        #expect(isHeld.withLock { $0 })
        for (canceller, _) in sleepers { try? canceller.cancel() }
        for (_, sleeper) in sleepers { try sleeper.wait() }
        #expect(try left(scratch) == 0)
    }

    private final class Held: @unchecked Sendable {
        // Handed over to one thread, and used by nobody else.
        let session: PostgresSession
        init(_ session: PostgresSession) { self.session = session }
    }

    /// A limit that nobody can watch is no limit.
    @Test func aFileHasNoLoad() throws {
        let scratch = try Scratch(.sqlite)
        try Shelter.table(scratch, rows: 10)
        let error = #expect(throws: EngineError.self) {
            _ = try scratch.engine(settings.with { $0.pacing.maxLoad = 3 }).apply(sources, through: .expand)
        }
        #expect(error?.description.contains("--max-load") == true)
    }
}
