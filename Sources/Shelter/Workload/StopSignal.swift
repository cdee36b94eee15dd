import Foundation
import Synchronization

/// Whether somebody asked this process to end, by Ctrl-C or `kill`.
enum StopSignal {
    private static let wasReceived = Atomic<Bool>(false)

    static var isReceived: Bool { wasReceived.load(ordering: .relaxed) }

    /// From now on SIGINT, SIGTERM and SIGHUP only set ``isReceived``.
    static func listen() {
        // Made before a handler may touch it.
        wasReceived.store(false, ordering: .relaxed)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            unsafe sigaddset(&signals, number)
            signal(number) { _ in StopSignal.wasReceived.store(true, ordering: .relaxed) }
        }
        // Whoever started us may have done so from a thread that does not listen, and we inherited that.
        unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
    }
}
