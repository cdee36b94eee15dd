internal import DoubleWrite
internal import MigrationCore
internal import SQLiteDriver

/// A SQLite file.
final class SQLiteDatabase: TargetDatabase {
    let location: DatabaseLocation
    let path: String
    let busyTimeout: Duration
    let main: SQLiteSession
    var neighbours = Neighbours()
    var patience = LockPatience() {
        didSet { main.patience = patience.lockTimeout * patience.attempts }
    }
    let words = StateWords(
        dialect: .sqlite, now: "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)",
        countingKey: "INTEGER PRIMARY KEY AUTOINCREMENT")

    var session: any SQLSession { main }

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - busyTimeout: How long one attempt waits for another process's lock.
    ///   - pageLimit: How many pages the file may have; as many as fit by default.
    init(path: String, mode: SQLiteConnection.Mode, busyTimeout: Duration, pageLimit: Int? = nil) throws {
        self.path = path
        self.busyTimeout = busyTimeout
        location = .sqlite(path: path)
        main = try SQLiteSession(path: path, mode: mode, busyTimeout: busyTimeout)
        if let pageLimit { _ = try main.query("PRAGMA max_page_count = \(pageLimit)", []) }
    }

    func close() { main.close() }

    // MARK: - Transactions

    func begin(_ purpose: TransactionPurpose) throws { try main.beginWriting() }

    func beginReading(with processes: Int?) throws { try main.execute("BEGIN") }

    func commit() throws { try main.execute("COMMIT") }

    func rollback() {
        guard main.isInTransaction else { return }
        try? main.execute("ROLLBACK")
    }

    // MARK: - State

    func hasState() throws -> Bool {
        try main.query("SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'bellows_meta'")
            .scalar
            != nil
    }

    func prepareState() throws {}

    func grantState() throws {}
}
