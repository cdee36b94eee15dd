internal import DoubleWrite
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
        // Where nobody can tell, others may be there.
        return try main.isOpenInAnotherProcess() ?? true
    }

    /// SQLite's lock is not fair: whoever waits looks again after 1, 2, 5, 10, 15, 20, 25 ms and so on
    /// (<https://www.sqlite.org/src/file/src/main.c>, `sqliteDefaultBusyCallback`), and gets in only in a pause. One that is
    /// longer than the batch, and no shorter than ten milliseconds, has one of these moments in it, whenever the wait began.
    func rest(after elapsed: Duration) -> Duration { max(.milliseconds(12), elapsed * 1.25) }
}

/// What a connection to a file knows of those who write beside it.
struct Neighbours {
    /// A number that changes with every commit of another connection
    /// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    var version: Int64?
    var lastWrite: ContinuousClock.Instant?
}
