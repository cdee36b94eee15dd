import MigrationEngine
import PostgresDriver
import Synchronization

/// Ends the connections of a run, as an administrator or a failing network does.
final class Cutter: Sendable {
    private let address = Mutex<String?>(nil)

    /// Whose connections.
    func aim(at location: DatabaseLocation) {
        guard case .postgres(let address) = location else { return }
        self.address.withLock { $0 = address }
    }

    /// Ends those that there are, and waits until they are gone.
    func cut() throws {
        guard let address = address.withLock(\.self) else { return }
        let connection = try PostgresConnection(address)
        defer { connection.close() }
        _ = try connection.query(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'bellows/%'
            """)
    }
}
