import DoubleWrite
import Foundation
import MigrationCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationEngine

@Suite struct ThrottleTests {
    private func throttle(_ change: (inout Pacing) -> Void) -> Throttle {
        var pacing = Pacing()
        change(&pacing)
        return Throttle(pacing)
    }

    private func sight(lag: Int, silence: Int = 0) -> Throttle.Sight {
        Throttle.Sight(replicas: [Replica(name: "r", lag: .milliseconds(lag), silence: .seconds(silence))])
    }

    /// Above the limit it stops, and goes on only below half of it.
    @Test func lagHasHysteresis() {
        var throttle = throttle { $0.maxLag = .seconds(2) }
        let held = [1900, 2000, 2001, 1900, 1001, 1000, 1500, 2000, 2100].map {
            !throttle.reasons(sight(lag: $0)).isEmpty
        }
        #expect(held == [false, false, true, true, true, false, false, false, true])
    }

    /// The last value of a replica that has died was a good one.
    @Test func aStaleSignalCountsAsLag() {
        var throttle = throttle { _ in }
        #expect(throttle.reasons(sight(lag: 0, silence: 30)).isEmpty)
        #expect(throttle.reasons(sight(lag: 0, silence: 31)) == [.silentReplica("r", .seconds(31))])
        #expect(throttle.reasons(sight(lag: 0, silence: 0)).isEmpty)
    }

    @Test func aReplicaThatLeavesIsMissedAndASubscriptionIsNot() {
        var throttle = throttle { _ in }
        let subscription = Replica(name: "s", lag: .zero, isPhysical: false)
        #expect(throttle.reasons(.init(replicas: [Replica(name: "r", lag: .zero), subscription])).isEmpty)
        #expect(throttle.reasons(.init(replicas: [])) == [.lostReplica("r")])
        #expect(throttle.reasons(sight(lag: 0)).isEmpty)
    }

    @Test func loadHasHysteresis() {
        var throttle = throttle { $0.maxLoad = 10 }
        let held = [10, 11, 9, 8, 10, 11].map { !throttle.reasons(.init(active: $0)).isEmpty }
        #expect(held == [false, true, true, false, false, true])
    }

    @Test func nothingIsLookedAtThatWasNotAskedFor() {
        var throttle = throttle { $0.ignoresLag = true }
        #expect(throttle.reasons(sight(lag: 100_000, silence: 100)).isEmpty)
        #expect(throttle.reasons(.init(active: 1000)).isEmpty)
    }
}

/// The real thing: a standby that does not follow.
@Suite(.serialized) struct ReplicaTests {
    private func fill(_ servers: ReplicatedPostgres) throws -> (String, any SQLSession) {
        let address = try servers.primary.makeDatabase()
        let session = try PostgresSession(address, name: "test")
        try session.execute(
            """
            CREATE TABLE animals (id bigint PRIMARY KEY, name text, kind text);
            INSERT INTO animals SELECT i, 'name', 'dog' FROM generate_series(1, 50000) AS i
            """)
        return (address, session)
    }

    private var settings: Settings {
        Settings.alone.with { settings in
            settings.pacing.interval = .milliseconds(20)
            settings.pacing.batchTime = .milliseconds(5)
            settings.pacing.maxLag = .milliseconds(300)
            settings.pacing.holdLimit = .seconds(60)
            // So that there is something to be behind of.
            settings.pacing.nice = 3
        }
    }

    @Test func waitsForAReplicaThatIsBehind() throws {
        let servers = try ReplicatedPostgres()
        let (address, session) = try fill(servers)
        try servers.holdReplay(true)
        let seen = Mutex<[[HoldReason]]>([])
        let isHeld = DispatchSemaphore(value: 0)
        let observer = HoldObserver { reasons in
            seen.withLock { $0.append(reasons) }
            isHeld.signal()
        }
        let writer = BackgroundWriter { [settings] in
            let engine = try Engine(.postgres(address), settings: settings, observer: observer)
            _ = try engine.apply([try Shelter.sources()[1]], through: .expand)
        }
        #expect(isHeld.wait(timeout: .now() + 60) == .success)
        let before = try session.query("SELECT count(species) FROM animals").scalar?.integer ?? 0
        #expect(before < 50_000)
        try servers.holdReplay(false)
        try writer.wait()
        #expect(try session.query("SELECT count(species) FROM animals").scalar == .integer(50_000))
        guard case .lag(let replica, _, let limit)? = seen.withLock({ $0.first?.first }) else {
            Issue.record("\(seen.withLock { $0 })")
            return
        }
        #expect(replica == "standby")
        #expect(limit == .milliseconds(300))
        #expect(seen.withLock { $0.last?.isEmpty } == true)
    }

    /// At the limit of the wait the run leaves, and the cursor is kept.
    @Test func leavesAtTheLimitOfTheWait() throws {
        let servers = try ReplicatedPostgres()
        let (address, session) = try fill(servers)
        try servers.holdReplay(true)
        let impatient = settings.with { $0.pacing.holdLimit = .milliseconds(100) }
        let engine = try Engine(.postgres(address), settings: impatient, observer: SilentObserver())
        let report = try engine.apply([try Shelter.sources()[1]], through: .expand)
        #expect(report.exitCode == 3)
        guard case .held(let reasons)? = report.migrations[0].unmetGates.first?.condition else {
            Issue.record("\(report)")
            return
        }
        #expect(reasons.first?.description.hasPrefix("replica 'standby' is ") == true)
        #expect(try session.query("SELECT count(species) FROM animals").scalar?.integer ?? 0 < 50_000)
        // A replica that is gone when the run begins is nobody's.
        try servers.endStandby()
        let again = try Engine(.postgres(address), settings: settings, observer: SilentObserver())
        #expect(try again.apply([try Shelter.sources()[1]], through: .expand).exitCode == 0)
    }

    /// What was asked for and cannot be seen is not silently left out.
    @Test func saysWhatTheRoleMayNotSee() throws {
        let servers = try ReplicatedPostgres()
        let (address, session) = try fill(servers)
        let name = try session.query("SELECT current_database()").scalar?.text ?? ""
        try session.execute(
            "CREATE ROLE shortsighted LOGIN; GRANT ALL ON DATABASE \(name) TO shortsighted; "
                + "GRANT ALL ON SCHEMA public TO shortsighted; ALTER TABLE animals OWNER TO shortsighted")
        let location = servers.primary.location(database: name, user: "shortsighted")
        #expect(address != location)
        let strict = try Engine(.postgres(location), settings: settings, observer: SilentObserver())
        let error = #expect(throws: EngineError.self) {
            _ = try strict.apply([try Shelter.sources()[1]], through: .expand)
        }
        #expect(error?.description.contains("GRANT pg_monitor") == true)
        let recorder = Recorder()
        let usual = try Engine(
            .postgres(location), settings: settings.with { $0.pacing.maxLag = nil }, observer: recorder)
        #expect(try usual.apply([try Shelter.sources()[1]], through: .expand).exitCode == 0)
        #expect(
            recorder.events.contains {
                if case .note(let text) = $0 { text.contains("pg_monitor") } else { false }
            })
    }
}

/// Sees when a backfill waits.
struct HoldObserver: EngineObserver, Sendable {
    let onHold: @Sendable ([HoldReason]) -> Void

    func observe(_ event: EngineEvent) {
        if case .heldUp(let reasons) = event { onHold(reasons) }
    }
}
