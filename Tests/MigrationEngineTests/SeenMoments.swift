import Synchronization

/// Stops a run the first time that it comes to each moment.
final class SeenMoments: Sendable {
    private let seen = Mutex<Set<String>>([])

    struct Struck: Error {}

    func strike(_ moment: String) throws {
        guard seen.withLock({ $0.insert(moment).inserted }) else { return }
        throw Struck()
    }
}
