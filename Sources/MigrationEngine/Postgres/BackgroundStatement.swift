internal import Dispatch
internal import DoubleWrite
internal import Foundation
internal import PostgresDriver
internal import Synchronization

/// A statement that takes long, on a connection and a thread of its own, while this thread looks on.
final class BackgroundStatement: Sendable {
    private let backend = Mutex<Int32?>(nil)
    private let result = Mutex<Result<Void, any Error>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// Connects and runs `statement`, outside any transaction, for as long as the server works
    /// on it.
    init(_ statement: String, at address: String, name: String, silenceLimit: Duration = .seconds(60)) {
        Thread.detachNewThread { [self] in
            let result = Result { try run(statement, address, name, silenceLimit) }
            self.result.withLock { $0 = result }
            ended.signal()
        }
    }

    /// The server process that runs it, once there is one.
    var backendID: Int32? { backend.withLock { $0 } }

    /// Waits for the end; `onLooking` is called again and again meanwhile.
    func wait(_ onLooking: () -> Void) throws {
        while ended.wait(timeout: .now() + .milliseconds(500)) == .timedOut { onLooking() }
        try result.withLock { $0 }?.get()
    }

    private func run(
        _ statement: String, _ address: String, _ name: String, _ silenceLimit: Duration
    ) throws {
        let session = try PostgresSession(address, name: name, silenceLimit: silenceLimit)
        defer { session.close() }
        backend.withLock { $0 = session.connection.backendID }
        try session.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        try session.execute(statement)
    }
}

/// Sees, from a connection of its own, who holds up the statement of another connection that waits for a
/// lock.
final class PostgresLockWatch: LockWatch {
    private let found = Mutex<[Blocker]>([])
    private let stopping = DispatchSemaphore(value: 0)
    private let stopped = DispatchSemaphore(value: 0)

    init(on backend: Int32, after delay: Duration, opening: @escaping @Sendable () throws -> PostgresDatabase)
    {
        Thread.detachNewThread { [self] in
            defer { stopped.signal() }
            let delay = DispatchTimeInterval.milliseconds(Int(delay.inMilliseconds))
            guard stopping.wait(timeout: .now() + delay) == .timedOut else { return }
            // Only names are at stake: without them the wait is told all the same.
            guard let database = try? opening() else { return }
            defer { database.close() }
            guard let blockers = try? database.blockers(ofBackend: backend) else { return }
            found.withLock { $0 = blockers }
        }
    }

    func finish() -> [Blocker] {
        stopping.signal()
        stopped.wait()
        return found.withLock { $0 }
    }
}
