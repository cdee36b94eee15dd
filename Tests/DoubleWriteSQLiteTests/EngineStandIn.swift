import DoubleWrite
import DoubleWriteContract
import SQLiteDriver
import TestSupport

@testable import DoubleWriteSQLite

/// An SQLite file whose schema is changed with the statements that the engine sends.
final class EngineStandIn: ContractDatabase {
    let dialect = Dialect.sqlite
    let folder: TemporaryFolder
    let path: String
    let connection: SQLiteConnection
    let applicationConnection: SQLiteConnection
    let sqlite: DoubleWriteSQLite

    init(journal: String = "WAL") throws {
        folder = try TemporaryFolder()
        path = folder.file("test.db")
        connection = try SQLiteConnection(path: path, mode: .create)
        try connection.execute("PRAGMA journal_mode = \(journal)")
        try connection.execute("PRAGMA synchronous = OFF")
        applicationConnection = try SQLiteConnection(path: path)
        sqlite = DoubleWriteSQLite(applicationConnection)
    }

    var helper: any DoubleWriting { sqlite }
    var begin: String { "BEGIN IMMEDIATE" }
    var numberedKey: String { "integer PRIMARY KEY" }

    func engine(_ sql: String) throws -> ResultSet { try connection.query(sql) }

    func application(_ sql: String) throws { try applicationConnection.execute(sql) }

    func send(_ statement: Conversation.Statement) -> Conversation.Outcome {
        query(statement.sql, statement.parameters)
    }

    func lookUp(_ sql: String) -> Conversation.Outcome { query(sql, []) }

    private func query(_ sql: String, _ parameters: [SQLValue]) -> Conversation.Outcome {
        do throws(SQLiteError) {
            return .answered(try applicationConnection.query(sql, parameters))
        } catch {
            return .failed(error.failure)
        }
    }

    func markerSQL(_ change: DeclaredChange, generation: Int) -> String? { nil }

    func createState() throws {
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS bellows_stages (
                change text PRIMARY KEY, stage text NOT NULL, epoch bigint NOT NULL, generation integer NOT NULL,
                settled boolean NOT NULL DEFAULT false)
            """)
    }

    func dropState() throws { try connection.execute("DROP TABLE IF EXISTS bellows_stages") }

    func expand(_ change: DeclaredChange, of table: TableName, default value: String?) throws {
        let number = try generation(of: change) + 1
        let clause = value.map { " DEFAULT \($0)" } ?? ""
        try connection.execute("BEGIN IMMEDIATE")
        try alter(table, "ADD COLUMN \(dialect.quote(change.newColumn)) text\(clause)")
        try connection.execute(flipSQL(change, .both, generation: number))
        try connection.execute("COMMIT")
    }

    /// SQLite cannot change a column's default: the new column is added with it.
    func moveDefault(_ value: String, from source: String, to target: String, of table: TableName) throws {}
}
