internal import DoubleWrite
internal import Foundation
internal import PostgresDriver

extension PostgresDatabase {
    /// The lock lasts to the end of the transaction. A heartbeat changes no key column and does not conflict
    /// with it; a takeover changes the token, which does
    /// (<https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS>).
    func holdLease(_ token: String, lasting lease: Duration) throws -> Bool {
        try Self.holdLease(token, on: main)
    }

    static func holdLease(_ token: String, on session: PostgresSession) throws -> Bool {
        try session.query(leaseQuery("$1"), [.text(token)]).scalar != nil
    }

    /// - Parameter token: In SQL.
    static func leaseQuery(_ token: String) -> String {
        "SELECT 1 FROM bellows.lease WHERE token = \(token) FOR KEY SHARE"
    }

    /// Not needed: the heartbeat's connection can write while the transaction is open.
    func prolongLease(_ token: String, lasting lease: Duration) throws {}

    /// None behind a pooler: the process there serves others as well, and its end would say nothing of us.
    func backend() throws -> (id: Int64, start: String)? {
        guard !isPooled else { return nil }
        let row = try main.query(
            """
            SELECT pid::bigint, (extract(epoch FROM backend_start) * 1000000)::bigint::text
            FROM pg_stat_activity WHERE pid = pg_backend_pid()
            """
        ).rows.first
        guard let id = row?.first?.integer, let start = row?.last?.text else { return nil }
        return (id, start)
    }

    /// A process that is there but does not show its beginning (another role's) is taken for the holder's.
    func isGone(backend: Int64, start: String) throws -> Bool {
        try main.query(
            """
            SELECT NOT EXISTS (
                SELECT 1 FROM pg_stat_activity WHERE pid = $1::bigint
                AND coalesce((extract(epoch FROM backend_start) * 1000000)::bigint::text, $2) = $2)
            """, [.integer(backend), .text(start)]
        ).scalar?.boolean ?? false
    }

    /// Does nothing behind a pooler, where it would hit others; the lease's row keeps the holder from writing.
    func terminate(holder token: String) throws {
        guard !isPooled else { return }
        let mine = [SQLValue.text(Self.name(ofRunner: token))]
        let their = """
            FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()
            AND datname = current_database()
            """
        // A role that may not end them is refused: then they end by themselves, and the lease row is waited
        // for.
        guard (try? main.query("SELECT pg_terminate_backend(pid) \(their)", mine)) != nil else { return }
        for _ in 0..<40 {
            if try main.query("SELECT 1 \(their)", mine).rows.isEmpty { return }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
}
