internal import Foundation

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

    /// Where a process number means the same process: one run of one kernel, one namespace of processes.
    ///
    /// Containers may share a host's name and not its processes. `nil` where it cannot be told.
    static var machine: String? {
        #if os(Linux)
            let files = FileManager.default
            guard let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
                let namespace = try? files.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
            else {
                return nil
            }
            return boot.trimmingCharacters(in: .whitespacesAndNewlines) + " " + namespace
        #else
            // There are no namespaces of processes; the host's name has to do.
            return "darwin"
        #endif
    }

    /// Whether there is a process of that number, whoever it belongs to.
    static func isAlive(_ id: Int64) -> Bool {
        guard let id = pid_t(exactly: id), id > 0 else { return false }
        return kill(id, 0) == 0 || errno != ESRCH
    }
}
