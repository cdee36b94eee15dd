import CLibpq

/// Cancels what a connection is doing, from any thread.
public final class PostgresCanceller: @unchecked Sendable {
    // Not changed after init; `PQcancel` is safe from any thread (https://www.postgresql.org/docs/current/libpq-cancel.html).
    private let handle: OpaquePointer?

    init(_ connection: OpaquePointer?) { handle = connection.flatMap { PQgetCancel($0) } }

    deinit { PQfreeCancel(handle) }

    /// Asks the server to cancel the statement that is running, which then fails with ``SQLState/queryCanceled``.
    /// Nothing happens where none is running.
    ///
    /// - Throws: The server could not be reached.
    public func cancel() throws(PostgresError) {
        guard let handle else { return }
        var text = [CChar](repeating: 0, count: 256)
        guard PQcancel(handle, &text, Int32(text.count)) == 0 else { return }
        let reason = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        throw PostgresError(
            sqlState: SQLState.connectionFailure,
            message: "cannot cancel the statement: " + String(decoding: reason, as: UTF8.self).trimmed)
    }
}
