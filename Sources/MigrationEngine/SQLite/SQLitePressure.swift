internal import DoubleWrite
internal import SQLiteDriver

/// Who else needs the file. It has no replicas, and no sessions that could be counted.
extension SQLiteDatabase {
    func replicas() throws -> [Replica]? { [] }

    func activeSessions() throws -> Int? { nil }

    /// SQLite's lock is not fair: whoever waits polls, and gets in only in a pause. So where another connection has written
    /// a moment ago the pauses are long, and elsewhere as short as one that is noticed by whoever begins to write.
    func rest(after elapsed: Duration, nice: Double?) throws -> Duration {
        let version = try main.query("PRAGMA data_version").scalar?.integer
        if let known = neighbours.version, known != version { neighbours.lastWrite = .now }
        neighbours.version = version
        let isAlone = neighbours.lastWrite.map { .now - $0 > .seconds(1) } ?? true
        return max(.milliseconds(1), elapsed * (nice ?? (isAlone ? 0.08 : 0.5)))
    }
}

/// What a connection to a file knows of those who write beside it.
struct Neighbours {
    /// A number that changes with every commit of another connection
    /// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    var version: Int64?
    var lastWrite: ContinuousClock.Instant?
}
