import Foundation
import Synchronization

/// A writer on a thread of its own, since a connection blocks.
final class BackgroundWriter: Sendable {
    private let result = Mutex<Result<Void, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread {
            let outcome = Result { try work() }
            self.result.withLock { $0 = outcome }
            self.done.signal()
        }
    }

    /// Waits for its end, at most a minute, and throws what it threw.
    func wait() throws {
        guard done.wait(timeout: .now() + 60) == .success else { throw Stuck() }
        try result.withLock { try $0?.get() }
    }

    struct Stuck: Error {}
}

/// What writers were told is written: the last value of each key, `nil` for a row that was deleted.
final class WriteJournal: Sendable {
    private let values = Mutex<[Int64: String?]>([:])
    private let isOver = Mutex(false)

    func note(_ id: Int64, _ value: String?) { values.withLock { $0[id] = .some(value) } }

    var all: [Int64: String?] { values.withLock { $0 } }

    var isDone: Bool { isOver.withLock { $0 } }

    func finish() { isOver.withLock { $0 = true } }
}
