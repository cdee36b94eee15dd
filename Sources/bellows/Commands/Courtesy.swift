#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What this process leaves to the others of its machine.
enum Courtesy {
    #if os(Linux)
        /// `SCHED_BATCH`, which the C library shows to GNU sources only.
        private static let batch: Int32 = 3
    #endif

    /// Lets whoever is running go on when an answer of the database wakes this process: that may be the session of an
    /// application, in the middle of a write.
    ///
    /// Rows that a batch has locked may wait for the rest of somebody's time slice, a few milliseconds. (With a higher `nice`
    /// they wait for more: its share of the processor would be less as well.) For writers beside a backfill it is worth it:
    /// `make bench`, "p99 of a write beside it". Only Linux has this, and only a process without a policy of its own gets it.
    /// Before any other thread begins: threads inherit it.
    /// <https://man7.org/linux/man-pages/man7/sched.7.html> (`SCHED_BATCH`)
    static func putNobodyAside() {
        #if os(Linux)
            guard sched_getscheduler(0) == SCHED_OTHER else { return }
            var parameters = sched_param()
            parameters.sched_priority = 0
            // Where it is forbidden, everything works as before.
            _ = unsafe sched_setscheduler(0, batch, &parameters)
        #endif
    }
}
