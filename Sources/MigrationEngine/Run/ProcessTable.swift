#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The processes of this machine.
enum ProcessTable {
    /// This process.
    static var ownID: Int64 { Int64(getpid()) }

    /// Whether there is a process of that number, whoever it belongs to.
    static func isAlive(_ id: Int64) -> Bool {
        guard let id = pid_t(exactly: id), id > 0 else { return false }
        return kill(id, 0) == 0 || errno != ESRCH
    }
}
