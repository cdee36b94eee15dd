import DoubleWrite
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// When a backfill of a SQLite file makes room for others, and how much.
@Suite struct SQLitePressureTests {
    private let folder: TemporaryFolder
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryFolder()
        database = try SQLiteDatabase(
            path: folder.file("pressure.db"), mode: .create, busyTimeout: .seconds(1))
    }

    /// Without a write-ahead log nobody can tell who has the file open: then others may have it.
    @Test func whereNothingIsSeenOthersMayBeThere() throws {
        try database.session.execute("CREATE TABLE t (i INTEGER)")
        #expect(try database.main.isOpenInAnotherProcess() == nil)
        #expect(try database.mayOthersWrite())
    }

    /// A lock belongs to a process, so another connection of this one shows by what it writes.
    @Test func aConnectionOfThisProcessShowsByItsWrites() throws {
        _ = try database.session.query("PRAGMA journal_mode = wal", [])
        try database.session.execute("CREATE TABLE t (i INTEGER)")
        #expect(try !database.mayOthersWrite())
        let other = try SQLiteConnection(path: folder.file("pressure.db"))
        #expect(try !database.mayOthersWrite())
        try other.execute("INSERT INTO t VALUES (1)")
        #expect(try database.mayOthersWrite())
    }

    /// Whoever waits as SQLite does looks at a moment of the rest, whenever in the batch the wait began.
    @Test func whoeverWaitsGetsIn() throws {
        // Moments at which SQLite looks again, in milliseconds since it began to wait.
        var moments = [0.0]
        for pause in [1.0, 2, 5, 10, 15, 20, 25, 25, 25, 50] {
            moments.append(moments[moments.count - 1] + pause)
        }
        for batch in stride(from: 0.5, through: 50, by: 0.5) {
            let rest = database.rest(after: .seconds(batch / 1000)) / .milliseconds(1)
            for wait in stride(from: 0.25, through: batch, by: 0.25) {
                // The batch ends after so long a wait.
                #expect(moments.contains { wait < $0 && $0 < wait + rest }, "batch \(batch), waited \(wait)")
            }
        }
    }
}
