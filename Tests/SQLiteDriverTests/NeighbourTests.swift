import DoubleWrite
import Foundation
import TestSupport
import Testing

@testable import SQLiteDriver

/// Whether another process has a file open. That one which has is seen is tested with real programs (ShelterTests).
@Suite struct NeighbourTests {
    @Test func thisProcessIsNoOther() throws {
        let folder = try TemporaryFolder()
        let connection = try SQLiteConnection(path: folder.file("one.db"), mode: .create)
        try connection.setPragma("journal_mode", "wal")
        try connection.execute("CREATE TABLE t (i INTEGER)")
        #expect(try connection.isOpenInAnotherProcess() == false)
        let second = try SQLiteConnection(path: folder.file("one.db"))
        try second.execute("INSERT INTO t VALUES (1)")
        #expect(try connection.isOpenInAnotherProcess() == false)
        #expect(try second.isOpenInAnotherProcess() == false)
    }

    @Test(arguments: ["delete", "truncate", "persist"])
    func withoutALogNobodyCanTell(mode: String) throws {
        let folder = try TemporaryFolder()
        let connection = try SQLiteConnection(path: folder.file("one.db"), mode: .create)
        try connection.setPragma("journal_mode", "wal")
        try connection.execute("CREATE TABLE t (i INTEGER)")
        try connection.setPragma("journal_mode", .text(mode))
        #expect(try connection.isOpenInAnotherProcess() == nil)
        #expect(try SQLiteConnection(path: ":memory:", mode: .create).isOpenInAnotherProcess() == nil)
    }

    /// To ask keeps a descriptor open for as long as the file is there; no longer.
    @Test func whatIsGoneIsClosed() throws {
        for _ in 0..<100 {
            let folder = try TemporaryFolder()
            let connection = try SQLiteConnection(path: folder.file("one.db"), mode: .create)
            try connection.setPragma("journal_mode", "wal")
            try connection.execute("CREATE TABLE t (i INTEGER)")
            #expect(try connection.isOpenInAnotherProcess() == false)
        }
        #expect(LogIndexes.count < 50)
    }

    #if os(Linux)
        /// To close a descriptor of the file would give up SQLite's own locks on it.
        @Test func askingGivesUpNoLock() throws {
            let folder = try TemporaryFolder()
            let path = folder.file("one.db")
            let connection = try SQLiteConnection(path: path, mode: .create)
            try connection.setPragma("journal_mode", "wal")
            try connection.execute("CREATE TABLE t (i INTEGER)")
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "-shm")
            let index = try #require(attributes[.systemFileNumber] as? NSNumber).uint64Value
            for _ in 0..<3 {
                let other = try SQLiteConnection(path: path)
                #expect(try other.isOpenInAnotherProcess() == false)
                #expect(try connection.isOpenInAnotherProcess() == false)
                let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
                let own = locks.split(separator: "\n").filter { $0.contains(":\(index) 128 128") }
                #expect(own.count == 1, "\(locks)")
            }
        }
    #endif
}
