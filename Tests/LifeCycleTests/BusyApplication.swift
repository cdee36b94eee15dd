import Foundation
import MigrationEngine
import Synchronization

/// An application's thread, which writes row after row and keeps a journal of what it was told is written.
final class BusyApplication: Sendable {
    private struct State {
        var journal: [Int] = []
        var failure: (any Error)?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let done = DispatchSemaphore(value: 0)

    init(_ cycle: LifeCycle, _ location: DatabaseLocation) {
        Thread.detachNewThread {
            do {
                try self.loop(cycle, location)
            } catch {
                self.state.withLock { $0.failure = error }
            }
            self.done.signal()
        }
    }

    /// The rows that were acknowledged so far.
    var journal: [Int] { state.withLock(\.journal) }

    /// Waits until some more rows are written.
    ///
    /// - Throws: What a write threw: every statement of the application must succeed, whatever happens meanwhile.
    func waitForMore(_ count: Int = 3) throws {
        let wanted = journal.count + count
        let limit = ContinuousClock.now + .seconds(30)
        while true {
            let (written, failure) = state.withLock { ($0.journal.count, $0.failure) }
            if let failure { throw failure }
            if written >= wanted { return }
            guard ContinuousClock.now < limit else { throw TestFailure("the application writes no more") }
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    /// Ends the loop.
    func stop() throws {
        state.withLock { $0.isStopped = true }
        guard done.wait(timeout: .now() + 60) == .success else {
            throw TestFailure("the application does not end")
        }
        if let failure = state.withLock(\.failure) { throw failure }
    }

    private func loop(_ cycle: LifeCycle, _ location: DatabaseLocation) throws {
        let client = try Client(location)
        for number in 1000... {
            if state.withLock(\.isStopped) { return }
            try cycle.write(number, client)
            state.withLock { $0.journal.append(number) }
            // SQLite's lock is not fair: without a pause the others would hardly ever get it.
            Thread.sleep(forTimeInterval: 0.003)
        }
    }
}
