internal import DoubleWrite
internal import SQLiteDriver

extension SQLiteDatabase {
    /// The transaction holds the file's one write lock, so nobody takes the lease over before it ends.
    /// Neither can a heartbeat get in: each transaction renews the lease itself.
    func holdLease(_ token: String, lasting lease: Duration) throws -> Bool {
        try renew(token, lasting: lease) == 1
    }

    func prolongLease(_ token: String, lasting lease: Duration) throws {
        _ = try renew(token, lasting: lease)
    }

    private func renew(_ token: String, lasting lease: Duration) throws -> Int {
        try main.query(
            words.sql("UPDATE {lease} SET expires_ms = {now} + $1 WHERE token = $2"),
            [.integer(lease.inMilliseconds), .text(token)]
        ).affectedRows
    }

    /// There is no server.
    func backend() throws -> (id: Int64, start: String)? { nil }

    func isGone(backend: Int64, start: String) throws -> Bool { false }

    func terminate(holder token: String) throws {}
}
