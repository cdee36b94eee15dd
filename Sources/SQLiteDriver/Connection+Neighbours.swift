internal import DoubleWrite
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension SQLiteConnection {
    /// Whether another process has the file open; `nil` where that cannot be seen: without a write-ahead log.
    ///
    /// With such a log each process holds a lock on one byte of the log's index, from before its first look at the database
    /// until it closes it (<https://www.sqlite.org/walformat.html#wal_locks>). The system says whether anybody but this process
    /// does, also of processes that cannot be seen from here, as those of another container.
    public func isOpenInAnotherProcess() throws(SQLiteError) -> Bool? {
        guard try pragma("journal_mode") == .text("wal"), let file = fileName else { return nil }
        return LogIndexes.isLockedElsewhere(file + "-shm")
    }
}

/// The indexes of write-ahead logs that were asked after.
///
/// When a process closes any descriptor of a file it gives up all its locks on it
/// (<https://man7.org/linux/man-pages/man2/fcntl.2.html>), those of SQLite as well: so each is opened once, and closed when
/// the file is gone. SQLite removes it when nobody has it open any more.
enum LogIndexes {
    private struct Index {
        var device: dev_t
        var number: ino_t
        var descriptor: Int32
    }

    private static let indexes = Mutex<[Index]>([])

    /// How many are open.
    static var count: Int { indexes.withLock(\.count) }

    /// The byte that a process locks for as long as it has the database open.
    private static let openByte: off_t = 128

    /// Whether another process has the database open whose log has its index at `path`; `nil` where nobody can tell.
    static func isLockedElsewhere(_ path: String) -> Bool? {
        indexes.withLock { indexes in
            indexes.removeAll { index in
                guard facts(of: index.descriptor)?.st_nlink == 0 else { return false }
                close(index.descriptor)
                return true
            }
            guard let descriptor = descriptor(path, &indexes) else { return nil }
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            lock.l_start = openByte
            lock.l_len = 1
            guard fcntl(descriptor, F_GETLK, &lock) == 0 else { return nil }
            return lock.l_type != Int16(F_UNLCK)
        }
    }

    private static func descriptor(_ path: String, _ indexes: inout [Index]) -> Int32? {
        var there = stat()
        guard stat(path, &there) == 0 else { return nil }
        if let known = indexes.first(where: { $0.device == there.st_dev && $0.number == there.st_ino }) {
            return known.descriptor
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        // Another file may have taken its place meanwhile.
        let opened = facts(of: descriptor) ?? there
        indexes.append(Index(device: opened.st_dev, number: opened.st_ino, descriptor: descriptor))
        return descriptor
    }

    private static func facts(of descriptor: Int32) -> stat? {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? facts : nil
    }
}
