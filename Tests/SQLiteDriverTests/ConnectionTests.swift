import DoubleWrite
import Foundation
import Testing

@testable import SQLiteDriver

@Suite struct ConnectionTests {
    @Test(arguments: [
        "a b.db", "🐕.db", "100%41.db", "what?mode=memory", "file:odd.db", "#hash&x=1.db", "it's.db",
    ])
    func everyPathIsOnlyAPath(_ name: String) throws {
        let file = try ScratchFile(name)
        let connection = try file.connect()
        try connection.execute("CREATE TABLE t (a)")
        #expect(file.exists(name))
        try connection.query("INSERT INTO t VALUES (1)")
        connection.close()
        #expect(try file.connect(.readOnly).query("SELECT a FROM t").scalar == 1)
    }

    @Test func aRelativePathThatLooksLikeAURIIsAFile() throws {
        let error = #expect(throws: SQLiteError.self) {
            try SQLiteConnection(path: "file:no-such-directory/x.db?mode=memory", mode: .create)
        }
        #expect(error?.code == .cannotOpen)
    }

    @Test func modesAllowWhatTheySay() throws {
        let file = try ScratchFile()
        for mode in [SQLiteConnection.Mode.readOnly, .readWrite] {
            let error = #expect(throws: SQLiteError.self) { try file.connect(mode) }
            #expect(error?.code == .cannotOpen)
            #expect(error?.description.contains(file.path) == true)
        }
        #expect(!file.exists("test.db"))
        try file.connect(.create).execute("CREATE TABLE t (a)")
        try file.connect(.readWrite).execute("INSERT INTO t VALUES (1)")
        let reader = try file.connect(.readOnly)
        #expect(reader.isReadOnly)
        let error = #expect(throws: SQLiteError.self) { try reader.query("INSERT INTO t VALUES (2)") }
        #expect(error?.code == .readOnly)
        #expect(try reader.query("SELECT count(*) FROM t").scalar == 1)
    }

    @Test func aFileThatIsNoDatabaseIsSaidToBeNone() throws {
        let file = try ScratchFile()
        try Data(String(repeating: "not a database ", count: 100).utf8).write(
            to: URL(fileURLWithPath: file.path))
        let connection = try file.connect(.readWrite)
        let error = #expect(throws: SQLiteError.self) { try connection.query("SELECT * FROM sqlite_schema") }
        #expect(error?.code == .notADatabase)
        #expect(error?.description.contains("SQLITE_NOTADB") == true)
    }

    @Test func anOldLibraryIsRefusedWithItsVersion() throws {
        let error = try #require(SQLiteConnection.refusal(libraryVersion: 3_034_001))
        #expect(error.description.contains("3.34.1"))
        #expect(error.description.contains("3.35"))
        #expect(SQLiteConnection.refusal(libraryVersion: 3_035_000) == nil)
        #expect(SQLiteConnection.refusal(libraryVersion: SQLiteConnection.libraryVersion) == nil)
    }

    @Test(arguments: [
        "SELECT \"missing\" FROM t", "UPDATE t SET a = \"missing\"", "INSERT INTO t VALUES (\"missing\")",
        "DELETE FROM t WHERE a = \"missing\"", "CREATE INDEX i ON t (a) WHERE a = \"missing\"",
        "CREATE TABLE u (a CHECK (a <> \"missing\"))", "ALTER TABLE t ADD COLUMN b DEFAULT (\"missing\")",
    ])
    func aDoubleQuotedNameIsNeverAString(_ sql: String) throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        let error = #expect(throws: SQLiteError.self) { try connection.query(sql) }
        #expect(error?.code == .error)
        #expect(try connection.query("SELECT a FROM t").rows == [[1]])
    }

    @Test func foreignKeysAreEnforced() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute(
            """
            CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p);
            """)
        #expect(try connection.pragma("foreign_keys") == 1)
        let error = #expect(throws: SQLiteError.self) {
            try connection.query("INSERT INTO c VALUES (?1)", [7])
        }
        #expect(error?.extendedCode == .constraintForeignKey)
    }

    @Test func pragmasTakeEffectEveryTime() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        for _ in 0..<3 {
            try connection.setPragma("foreign_keys", false)
            #expect(try connection.pragma("foreign_keys") == 0)
            try connection.setPragma("foreign_keys", true)
            #expect(try connection.pragma("foreign_keys") == 1)
        }
        #expect(connection.cachedStatements == 0)
    }

    @Test func journalModeIsSetAndAnswered() throws {
        let file = try ScratchFile()
        let connection = try file.connect()
        #expect(try connection.setPragma("journal_mode", "wal") == "wal")
        #expect(try connection.pragma("journal_mode") == "wal")
        #expect(try connection.pragma("no_such_pragma") == nil)
    }

    @Test func closingTwiceIsClosingOnce() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.query("SELECT 1")
        let interrupter = connection.interrupter()
        connection.close()
        connection.close()
        interrupter.interrupt()
        #expect(!connection.isInTransaction)
        let error = #expect(throws: SQLiteError.self) { try connection.query("SELECT 1") }
        #expect(error?.code == .misuse)
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT 1") }
    }

    @Test func closingRollsBack() throws {
        let file = try ScratchFile()
        let writer = try file.connect()
        try writer.execute("CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)")
        #expect(writer.isInTransaction)
        writer.close()
        #expect(try file.connect().query("SELECT count(*) FROM t").scalar == 0)
    }

    @Test func transactionsAreSeen() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        #expect(!connection.isInTransaction)
        for (begin, end) in [
            ("BEGIN", "COMMIT"), ("BEGIN IMMEDIATE", "ROLLBACK"), ("SAVEPOINT s", "RELEASE s"),
        ] {
            try connection.query(begin)
            #expect(connection.isInTransaction)
            try connection.query(end)
            #expect(!connection.isInTransaction)
        }
    }

    @Test func theSchemaVersionFollowsTheSchema() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        let before = try connection.schemaVersion
        try connection.execute("CREATE TABLE t (a)")
        let after = try connection.schemaVersion
        #expect(after > before)
        let fenced = "INSERT INTO t SELECT 1 WHERE (SELECT schema_version FROM pragma_schema_version) = ?1"
        #expect(try connection.query(fenced, [.integer(Int64(after))]).affectedRows == 1)
        try connection.execute("ALTER TABLE t ADD COLUMN b DEFAULT 5")
        let insert =
            "INSERT INTO t (a) SELECT 1 WHERE (SELECT schema_version FROM pragma_schema_version) = ?1"
        #expect(try connection.query(insert, [.integer(Int64(after))]).affectedRows == 0)
    }

    @Test func theBusyTimeoutIsGivenInMilliseconds() throws {
        #expect(SQLiteConnection.milliseconds(.milliseconds(250)) == 250)
        #expect(SQLiteConnection.milliseconds(.microseconds(1)) == 1)
        #expect(SQLiteConnection.milliseconds(.zero) == 0)
        #expect(SQLiteConnection.milliseconds(.seconds(-1)) == 0)
        #expect(SQLiteConnection.milliseconds(.seconds(Int64.max / 10)) == .max)
        let connection = try SQLiteConnection(path: ":memory:", busyTimeout: .milliseconds(1234))
        #expect(try connection.pragma("busy_timeout") == 1234)
    }
}
