internal import DoubleWrite
internal import Foundation
internal import SQLiteDriver

/// Who else needs the file. It has no replicas, and no sessions that could be counted.
extension SQLiteDatabase {
    func replicas() throws -> [Replica]? { [] }

    func activeSessions() throws -> Int? { nil }

    func mayOthersWrite() throws -> Bool {
        let version = try main.query("PRAGMA data_version").scalar?.integer
        if let known = neighbours.version, known != version { neighbours.lastWrite = .now }
        neighbours.version = version
        // Other connections of this very process show only so.
        if let lastWrite = neighbours.lastWrite, .now - lastWrite < .milliseconds(250) { return true }
        return try isOpenElsewhere() ?? true
    }

    /// SQLite's lock is not fair: whoever waits looks again after 1, 2, 5, 10, 15, 20, 25 ms and so on
    /// (<https://www.sqlite.org/src/file/src/main.c>, `sqliteDefaultBusyCallback`), and gets in only in a pause. One that is
    /// longer than the batch, and no shorter than ten milliseconds, has one of these moments in it, whenever the wait began.
    func rest(after elapsed: Duration) -> Duration { max(.milliseconds(12), elapsed * 1.25) }

    /// Whether another process has the file open; `nil` where that cannot be seen.
    ///
    /// With a write-ahead log each process that has the file open holds a lock on one byte of the log's index, from before
    /// its first look at the database until it closes it (<https://www.sqlite.org/walformat.html#wal_locks>), and Linux tells
    /// who holds which lock (<https://man7.org/linux/man-pages/man5/proc_locks.5.html>).
    func isOpenElsewhere() throws -> Bool? {
        if neighbours.logIndex == nil {
            let files = "SELECT file FROM pragma_database_list WHERE name = 'main'"
            guard let file = try main.query(files).scalar?.text else { return nil }
            var facts = stat()
            guard unsafe stat(file + "-shm", &facts) == 0 else { return nil }
            neighbours.logIndex = UInt64(facts.st_ino)
        }
        // By its path alone: it is asked for with every batch.
        guard let logIndex = neighbours.logIndex,
            let locks = FileManager.default.contents(atPath: "/proc/locks")
        else { return nil }
        let holders = FileLock.all(in: String(decoding: locks, as: UTF8.self), of: logIndex)
            .filter { $0.bytes.contains(FileLock.openByte) }.map(\.process)
        let own = ProcessInfo.processInfo.processIdentifier
        // Where not even our own lock is seen, nobody's is.
        return holders.contains(own) ? holders.contains { $0 != own } : nil
    }
}

/// What a connection to a file knows of those who write beside it.
struct Neighbours {
    /// A number that changes with every commit of another connection
    /// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    var version: Int64?
    var lastWrite: ContinuousClock.Instant?
    /// The number of the file that is the index of the write-ahead log.
    var logIndex: UInt64?
}

/// A lock on bytes of a file, as a line of `/proc/locks` has it:
/// `1: POSIX  ADVISORY  READ 3225 fe:00:16483356 128 128`. The file goes by its number in its file system; those of several
/// may have the same, so one lock too many may be seen, never one too few.
struct FileLock: Hashable {
    var process: Int32
    var bytes: ClosedRange<UInt64>

    /// The byte of the index of a write-ahead log that a process locks for as long as it has the file open.
    static let openByte: UInt64 = 128

    /// The locks on that file that are held; not those that are waited for (`->`).
    static func all(in text: String, of file: UInt64) -> [FileLock] {
        let number = ":\(file) "
        return text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = Substring(line)
            guard line.contains(number) else { return nil }
            let words = line.split(separator: " ")
            guard words.count == 8, words[1] == "POSIX", let process = Int32(words[4]),
                let first = UInt64(words[6])
            else { return nil }
            let last = UInt64(words[7]) ?? .max
            return first <= last ? FileLock(process: process, bytes: first...last) : nil
        }
    }
}
