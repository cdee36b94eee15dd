import DoubleWrite
import DoubleWriteSQLite
import SQLiteDriver

/// The animals in an SQLite file.
final class SQLiteAnimals: AnimalStore {
    private let connection: SQLiteConnection
    private let doubleWrite: DoubleWriteSQLite

    /// Opens a file that is there, with readers beside the writer, and patience for other writers.
    init(path: String) throws {
        connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .seconds(10))
        _ = try connection.query("PRAGMA journal_mode = WAL")
        // Enough to survive the death of a process; only a power failure could cost the last commits.
        _ = try connection.query("PRAGMA synchronous = NORMAL")
        doubleWrite = DoubleWriteSQLite(connection)
    }

    var helper: any DoubleWriting { doubleWrite }

    /// A transaction that will write takes the lock for it at once: taken later it is refused where somebody else has
    /// written in between, and no patience helps.
    func transaction<Value>(
        _ isolation: Isolation, writes: Bool, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try doubleWrite.transaction(writes ? "BEGIN IMMEDIATE" : "BEGIN") { try body() }
        } catch {
            throw StoreError(transaction: error)
        }
    }

    func readsOneMoment(_ isolation: Isolation) -> Bool { true }

    func columnsInDatabase() throws(StoreError) -> [String] {
        do {
            return try connection.query("SELECT name FROM pragma_table_xinfo('animals', 'main')").rows
                .compactMap { $0.first?.text }
        } catch {
            throw .failed("\(error)")
        }
    }
}
