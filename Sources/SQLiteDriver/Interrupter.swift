internal import CSQLite
internal import Synchronization

/// Ends what a connection is doing, from any thread.
///
/// The statement that runs fails with ``SQLiteResultCode/interrupted``; a connection that does nothing, or is
/// closed, is left alone (<https://www.sqlite.org/c3ref/interrupt.html>).
public final class SQLiteInterrupter: Sendable {
    private let handle: Mutex<Handle>

    /// A connection's handle until it closes. SQLite allows interrupting from another thread until then.
    private struct Handle: @unchecked Sendable {
        var pointer: OpaquePointer?
    }

    init(_ pointer: OpaquePointer) {
        handle = Mutex(Handle(pointer: pointer))
    }

    /// Interrupts the connection's running statement.
    public func interrupt() {
        handle.withLock { handle in
            if let pointer = handle.pointer { sqlite3_interrupt(pointer) }
        }
    }

    /// From now on interrupting does nothing. Must come before the handle closes.
    func disarm() {
        handle.withLock { $0.pointer = nil }
    }
}
