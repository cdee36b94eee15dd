import DoubleWrite
import PostgresDriver
import SQLiteDriver

/// Looks into the demo's database from the side, to know how far a change is.
final class Probe {
    private enum Connection {
        case postgres(PostgresConnection)
        case sqlite(SQLiteConnection)
    }

    private let connection: Connection
    private let dialect: Dialect

    init(postgres location: String) throws {
        connection = .postgres(try PostgresConnection(location, applicationName: "shelter demo"))
        dialect = .postgres
    }

    init(sqlite path: String) throws {
        let file = try SQLiteConnection(path: path, mode: .create)
        // Readers and writers side by side; the file remembers it.
        _ = try file.query("PRAGMA journal_mode = WAL")
        connection = .sqlite(file)
        dialect = .sqlite
    }

    /// The recorded stage of the change; `nil` before it began.
    func stage() throws -> Stage? {
        let answer = try scalar(
            "SELECT stage FROM \(StageTable.name(dialect)) WHERE change = 'animals.species'")
        return answer?.text.flatMap(Stage.init(rawValue:))
    }

    /// How often the stage was flipped; 0 before the change began.
    func flips() throws -> Int64 {
        let sql = "SELECT epoch FROM \(StageTable.name(dialect)) WHERE change = 'animals.species'"
        return try scalar(sql)?.integer ?? 0
    }

    /// Whether nobody holds the one lock for writing that an SQLite file has. PostgreSQL has none.
    func canWrite() -> Bool {
        guard case .sqlite(let file) = connection else { return true }
        do {
            try file.execute("BEGIN IMMEDIATE")
            try file.execute("ROLLBACK")
            return true
        } catch {
            return false
        }
    }

    /// How many animals there are, and in how many of them the new column does not say what the old one says.
    func animals() throws -> (all: Int64, differing: Int64) {
        let differ =
            switch dialect {
            case .postgres: "species IS DISTINCT FROM kind"
            case .sqlite: "species IS NOT kind"
            }
        let all = try scalar("SELECT count(*) FROM animals")?.integer ?? 0
        let differing = try scalar("SELECT count(*) FROM animals WHERE \(differ)")?.integer ?? 0
        return (all, differing)
    }

    private func scalar(_ sql: String) throws -> SQLValue? {
        switch connection {
        case .postgres(let connection): try connection.query(sql).scalar
        case .sqlite(let connection): try connection.query(sql).scalar
        }
    }
}
