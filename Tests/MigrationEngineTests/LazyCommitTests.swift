import DoubleWrite
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// When the batches of a SQLite file wait for the disk.
@Suite struct LazyCommitTests {
    private struct Stopped: Error {}

    @Test(
        "Only with a write-ahead log, only among the batches, and never more lazily than it was",
        arguments: [
            ("wal", 2, 1), ("wal", 3, 1), ("wal", 1, 1), ("wal", 0, 0), ("delete", 2, 2), ("truncate", 3, 3),
        ])
    func commitsLazily(_ mode: String, _ usual: Int64, _ meanwhile: Int64) throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(
            path: folder.file("lazy.db"), mode: .create, busyTimeout: .seconds(1))
        defer { database.close() }
        _ = try database.session.query("PRAGMA journal_mode = \(mode)", [])
        try database.session.execute("PRAGMA synchronous = \(usual)")
        func level() throws -> SQLValue? { try database.session.query("PRAGMA synchronous", []).scalar }

        #expect(try database.committingLazily { try level() } == .integer(meanwhile))
        #expect(try level() == .integer(usual))
        #expect(throws: Stopped.self) {
            try database.committingLazily {
                #expect(try level() == .integer(meanwhile))
                throw Stopped()
            }
        }
        #expect(try level() == .integer(usual))
    }

    @Test(
        "The log may become longer among the batches, but for a size that somebody has chosen",
        arguments: [
            (1000, 4000), (200, 200), (0, 0),
        ])
    func movesTheLogInLargerParts(_ usual: Int64, _ meanwhile: Int64) throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(
            path: folder.file("lazy.db"), mode: .create, busyTimeout: .seconds(1))
        defer { database.close() }
        _ = try database.session.query("PRAGMA journal_mode = wal", [])
        try database.session.execute("PRAGMA wal_autocheckpoint = \(usual)")
        func pages() throws -> SQLValue? {
            try database.session.query("PRAGMA wal_autocheckpoint", []).scalar
        }

        #expect(try database.committingLazily { try pages() } == .integer(meanwhile))
        #expect(try pages() == .integer(usual))
        #expect(throws: Stopped.self) { try database.committingLazily { throw Stopped() } }
        #expect(try pages() == .integer(usual))
    }
}
