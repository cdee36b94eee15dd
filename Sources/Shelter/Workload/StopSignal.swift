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
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in StopSignal.wasReceived.store(true, ordering: .relaxed) }
        }
    }
}
