import CLibpq
import DoubleWrite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// A statement may rightly take hours, so there is no limit for an answer. What has a limit is not to know: where nothing
// was heard for as long as `silenceLimit`, another connection asks the server whether it still works on it. Keepalives
// do not tell: a pooler, a proxy or a frozen process lets the kernel answer them.

extension PostgresConnection {
    /// Sends what is to be sent, and waits until libpq has the next result or none is to come.
    ///
    /// - Returns: An error where the server does not work on the statement any more, and yet nothing came of it. The
    ///   connection is closed then.
    func listen(for sql: String) -> PostgresError? {
        guard let handle else { return nil }
        var unsent = PQflush(handle)
        while unsent == 1 || PQisBusy(handle) == 1 {
            if !isReady(PQsocket(handle), toWrite: unsent == 1, within: silenceLimit) {
                if let dead = deathInSilence(sql) {
                    close()
                    return dead
                }
                continue
            }
            // What fails here is what PQgetResult says.
            guard PQconsumeInput(handle) == 1 else { return nil }
            if unsent == 1 { unsent = PQflush(handle) }
            guard unsent >= 0 else { return nil }
        }
        return nil
    }

    /// How long an answer may be on its way that the server has just given.
    private static let journey = Duration.seconds(1)

    /// - Returns: `nil` where there is a reason to wait on.
    private func deathInSilence(_ sql: String) -> PostgresError? {
        let why: String
        do throws(PostgresError) {
            guard try !isAtWork(on: sql) else { return nil }
            why = "it does not work on the statement any more, so what it said, or was told, did not arrive"
        } catch {
            why = "another connection could not ask it either (\(error.message))"
        }
        guard !isReady(PQsocket(handle), toWrite: false, within: min(silenceLimit, Self.journey)) else {
            return nil
        }
        return PostgresError(
            sqlState: SQLState.connectionFailure,
            message: "nothing was heard of the server for \(silenceLimit), and \(why)", severity: "FATAL",
            isConnectionLost: true)
    }

    /// Whether the server works on the statement, as far as another connection can see.
    private func isAtWork(on sql: String) throws(PostgresError) -> Bool {
        // It asks nobody when it meets the silence itself.
        guard !isQuestion else { return false }
        let other = try PostgresConnection(question: self)
        defer { other.close() }
        // Behind a pooler the number of our server process is the pooler's own; there the statement's text has to do.
        let row = try other.query(
            """
            SELECT pg_backend_pid(), EXISTS (
                SELECT FROM pg_stat_activity WHERE pid = $1::integer AND \(Self.isWorking)), EXISTS (
                SELECT FROM pg_stat_activity WHERE application_name = current_setting('application_name')
                    AND starts_with(query, $2) AND pid <> pg_backend_pid() AND \(Self.isWorking))
            """, [.integer(Int64(backendID)), .text(String(sql.prefix(40)))]
        ).rows.first
        guard let row, row.count == 3 else { return false }
        let isPooled = row[0] != .integer(Int64(other.backendID))
        return row[isPooled ? 2 : 1] == true
    }

    /// One that waits for its client waits for us. Where the server keeps no account, it is taken to work.
    private static let isWorking = """
        coalesce(state NOT IN ('idle', 'idle in transaction', 'idle in transaction (aborted)'), true)
            AND wait_event_type IS DISTINCT FROM 'Client'
        """

    /// Waits until the socket can be read, or written where that is asked for.
    ///
    /// - Returns: False at the limit.
    private func isReady(_ socket: Int32, toWrite: Bool, within limit: Duration) -> Bool {
        // libpq says what is wrong with a connection that has no socket.
        guard socket >= 0 else { return true }
        let end = ContinuousClock.now + limit
        while true {
            var place = pollfd(fd: socket, events: Int16(POLLIN | (toWrite ? POLLOUT : 0)), revents: 0)
            let left = max(.zero, end - ContinuousClock.now)
            let milliseconds =
                left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = poll(&place, 1, Int32(clamping: milliseconds + (left == .zero ? 0 : 1)))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return true }
            if ContinuousClock.now >= end { return false }
        }
    }
}
