import DoubleWrite
import Foundation
import PostgresDriver
import SQLiteDriver
import TestSupport
import Testing

/// A run that is stopped where it stands (`SIGSTOP`), replaced, and continued.
@Suite("Paused runs") struct PausedRunTests {
    private func wait(_ what: String, until isTrue: () throws -> Bool) throws {
        let limit = ContinuousClock.now + .seconds(30)
        while try !isTrue() {
            guard ContinuousClock.now < limit else { throw TestSupportError("never: \(what)") }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    /// Everything that there is, the state as well.
    private func everything(_ project: RoughProject) throws -> [String] {
        let state =
            switch project.database {
            case .postgres:
                """
                SELECT e::text FROM bellows.events AS e UNION ALL SELECT s::text FROM bellows.steps AS s
                UNION ALL SELECT l::text FROM bellows.lease AS l
                """
            case .sqlite:
                """
                SELECT id || event || coalesce(detail, '') FROM bellows_events
                UNION ALL SELECT step || status || coalesce(progress, '') FROM bellows_steps
                UNION ALL SELECT coalesce(token, '') || expires_ms FROM bellows_lease
                """
            }
        return try project.contents() + project.database.query(project.location, state)
    }

    /// What the run that was paused comes to when it goes on.
    private func expectNothingMore(_ paused: ChildProcess, _ project: RoughProject) throws {
        let before = try everything(project)
        paused.resume()
        let outcome = try paused.wait()
        #expect(outcome.status == 5, "\(outcome.standardOutput)\(outcome.standardError)")
        #expect(outcome.standardError.contains("lease taken over"), "\(outcome.standardError)")
        #expect(try everything(project) == before)
    }

    @Test func insideABatchOfPostgreSQL() throws {
        let project = try RoughProject(.postgres, rows: 500, lease: "1s")
        let gate = try PostgresConnection(project.location)
        // Every write of a batch stops at the gate.
        _ = try gate.execute(
            """
            CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END';
            CREATE TRIGGER stop BEFORE UPDATE ON animals FOR EACH ROW EXECUTE FUNCTION stop();
            """)
        _ = try gate.execute("SELECT pg_advisory_lock(7)")
        let paused = try project.start("apply", "0001_species", "--no-writers", "--lock-timeout", "20s")
        let watch = try PostgresConnection(project.location)
        try wait("the batch waits") {
            try watch.query(
                """
                SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name LIKE 'bellows/%'
                    AND wait_event_type = 'Lock' AND query LIKE 'UPDATE %'
                """
            ).scalar?.boolean == true
        }
        paused.pause()
        // The server goes on to the end of the statement, and waits for the next one inside the transaction.
        _ = try gate.execute("SELECT pg_advisory_unlock(7)")
        try wait("the batch is written and not committed") {
            try watch.query(
                """
                SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name LIKE 'bellows/%'
                    AND state = 'idle in transaction'
                """
            ).scalar?.boolean == true
        }
        try wait("the lease is over") {
            try watch.query(
                "SELECT expires_ms < extract(epoch FROM clock_timestamp()) * 1000 FROM bellows.lease"
            ).scalar?.boolean == true
        }
        let second = try project.tool("apply", "0001_species", "--no-writers")
        #expect(second.code == 0, "\(second.complaint)")
        #expect(second.output.contains("took over from process \(paused.processIdentifier)"))
        try expectNothingMore(paused, project)
    }

    @Test func betweenTwoBatchesOfSQLite() throws {
        let project = try RoughProject(.sqlite, rows: 60_000, lease: "1s")
        let paused = try project.start("apply", "0001_species", "--no-writers")
        let path = String(project.location.dropFirst("sqlite:".count))
        let other = try SQLiteConnection(path: path, busyTimeout: .zero)
        try pause(paused, other, insideATransaction: false)
        try wait("the lease is over") {
            try other.query(
                "SELECT expires_ms < (julianday('now') - 2440587.5) * 86400000 FROM bellows_lease"
            ).scalar?.integer == 1
        }
        let second = try project.tool("apply", "0001_species", "--no-writers")
        #expect(second.code == 0, "\(second.complaint)")
        try expectNothingMore(paused, project)
    }

    /// It has the file's one lock: nobody can replace it, and everybody is told.
    @Test func insideABatchOfSQLite() throws {
        let project = try RoughProject(.sqlite, rows: 60_000, lease: "1s")
        let paused = try project.start("apply", "0001_species", "--no-writers")
        let path = String(project.location.dropFirst("sqlite:".count))
        try pause(paused, SQLiteConnection(path: path, busyTimeout: .zero), insideATransaction: true)
        let second = try project.tool(
            "apply", "0001_species", "--no-writers", "--lock-attempts", "2", "--lock-timeout", "50ms")
        #expect(second.code == 5)
        // Until its lease is over it is named, and from then on the lock is waited for.
        let isTold = ["no lock on ", "runs migrations here since "].contains(where: second.complaint.contains)
        #expect(isTold, "\(second.complaint)")
        paused.resume()
        #expect(try paused.wait().status == 0)
    }

    /// Stops the run in its backfill, inside or outside a transaction.
    private func pause(
        _ run: ChildProcess, _ other: SQLiteConnection, insideATransaction: Bool
    ) throws {
        try wait("the backfill has begun") {
            let rows = try? other.query(
                "SELECT count(*) FROM bellows_steps WHERE step LIKE '%backfill%' AND progress <> ''")
            return rows?.scalar?.integer == 1
        }
        try wait("it stands where it should") {
            run.pause()
            var isInside = false
            do {
                try other.execute("BEGIN IMMEDIATE; ROLLBACK")
            } catch {
                isInside = true
            }
            if isInside == insideATransaction { return true }
            run.resume()
            guard run.isRunning else { throw TestSupportError("the run was over too soon") }
            return false
        }
    }
}
