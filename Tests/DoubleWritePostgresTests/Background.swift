import DoubleWrite
import Foundation
import PostgresDriver
import Synchronization

/// Work on a thread of its own, since a connection blocks.
final class Background<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread {
            let outcome = Result { try work() }
            self.result.withLock { $0 = outcome }
            self.done.signal()
        }
    }

    /// Waits for the end, at most a minute.
    func value() throws -> Value {
        guard done.wait(timeout: .now() + 60) == .success else { throw Stuck() }
        return try result.withLock { try $0.unsafelyKnown().get() }
    }
}

/// What one thread tells another.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func send() { semaphore.signal() }

    func wait() throws {
        guard semaphore.wait(timeout: .now() + 60) == .success else { throw Stuck() }
    }
}

struct Stuck: Error {}

extension Optional {
    fileprivate func unsafelyKnown() throws -> Wrapped {
        guard let self else { throw Stuck() }
        return self
    }
}

extension PostgresConnection {
    /// Returns once some session of this database waits for a lock.
    func waitForABlockedSession(_ count: Int = 1) throws {
        let limit = ContinuousClock.now + .seconds(30)
        let sql = """
            SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
            """
        while try query(sql).scalar?.integer ?? 0 < count {
            guard ContinuousClock.now < limit else { throw Stuck() }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}
