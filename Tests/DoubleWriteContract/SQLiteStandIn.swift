package import DoubleWrite
package import DoubleWriteSQLite
package import SQLiteDriver
package import TestSupport

/// An SQLite file whose schema is changed with the statements that the engine sends.
package final class SQLiteStandIn: ContractDatabase {
    package let dialect = Dialect.sqlite
    package let folder: TemporaryFolder
    package let path: String
    package let connection: SQLiteConnection
    package let applicationConnection: SQLiteConnection
    package let sqlite: DoubleWriteSQLite

    package init(journal: String = "WAL") throws {
        folder = try TemporaryFolder()
        path = folder.file("test.db")
        connection = try SQLiteConnection(path: path, mode: .create)
        try connection.execute("PRAGMA journal_mode = \(journal)")
        try connection.execute("PRAGMA synchronous = OFF")
        applicationConnection = try SQLiteConnection(path: path)
        sqlite = DoubleWriteSQLite(applicationConnection)
    }

    package var helper: any DoubleWriting { sqlite }
    package var begin: String { "BEGIN IMMEDIATE" }
    package var failureEndsTransaction: Bool { false }
    package var numberedKey: String { "integer PRIMARY KEY" }

    package func engine(_ sql: String) throws -> ResultSet { try connection.query(sql) }

    package func application(_ sql: String) throws { try applicationConnection.execute(sql) }

    package func send(_ statement: Conversation.Statement) -> Conversation.Outcome {
        query(statement.sql, statement.parameters)
    }

    package func lookUp(_ sql: String) -> Conversation.Outcome { query(sql, []) }

    private func query(_ sql: String, _ parameters: [SQLValue]) -> Conversation.Outcome {
        do throws(SQLiteError) {
            return .answered(try applicationConnection.query(sql, parameters))
        } catch {
            return .failed(error.failure)
        }
    }

    package func markerSQL(_ change: DeclaredChange, generation: Int) -> String? { nil }

    package func createState() throws {
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS bellows_stages (
                change text PRIMARY KEY, stage text NOT NULL, epoch bigint NOT NULL, generation integer NOT NULL,
                settled boolean NOT NULL DEFAULT false)
            """)
    }

    package func dropState() throws { try connection.execute("DROP TABLE IF EXISTS bellows_stages") }

    package func expand(_ change: DeclaredChange, of table: TableName, default value: String?) throws {
        let number = try generation(of: change) + 1
        let clause = value.map { " DEFAULT \($0)" } ?? ""
        try connection.execute("BEGIN IMMEDIATE")
        try alter(table, "ADD COLUMN \(dialect.quote(change.newColumn)) text\(clause)")
        try connection.execute(flipSQL(change, .both, generation: number))
        try connection.execute("COMMIT")
    }

    /// SQLite cannot change a column's default: the new column is added with it.
    package func moveDefault(_ value: String, from source: String, to target: String, of table: TableName)
        throws
    {}
}
