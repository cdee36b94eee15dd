import DoubleWrite
import Foundation
import Testing

@testable import SQLiteDriver

@Suite struct ErrorTests {
    @Test func descriptionsSayWhatFailedWhyAndWhatToDo() {
        let busy = SQLiteError(
            action: "cannot run", code: .busy, message: "database is locked", sql: "UPDATE t\n   SET a = ?1")
        #expect(
            busy.description
                == """
                cannot run 'UPDATE t SET a = ?1' [SQLITE_BUSY]; database is locked; \
                try again when the other connection has finished, or raise the busy timeout
                """)
        let syntax = SQLiteError(action: "cannot prepare", code: .error, message: "no", sql: "x", offset: 3)
        #expect(syntax.description == "cannot prepare 'x' [SQLITE_ERROR]; no (at byte 3)")
    }

    @Test func codesHaveNames() {
        #expect(SQLiteResultCode.busySnapshot.name == "SQLITE_BUSY_SNAPSHOT")
        #expect(SQLiteResultCode.busySnapshot.primary == .busy)
        #expect(SQLiteResultCode.busySnapshot.rawValue == 517)
        #expect(SQLiteResultCode(rawValue: 10 | 99 << 8).name == "SQLITE_IOERR (25354)")
        #expect(SQLiteResultCode(rawValue: 200).name == "SQLITE_200")
    }

    @Test func aSyntaxErrorTellsItsPlace() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        let error = #expect(throws: SQLiteError.self) { try connection.query("SELECT nothing FROM t WHERE") }
        #expect(error?.code == .error)
        #expect(error?.sql == "SELECT nothing FROM t WHERE")
        if SQLiteConnection.libraryVersion >= 3_038_000 {
            let second = #expect(throws: SQLiteError.self) { try connection.query("SELECT 1 +; ") }
            #expect(second?.offset == 10)
        }
    }

    @Test(arguments: [
        "SELECT json_extract('{}', ?1)", "SELECT json(?1)", "ATTACH ?1 AS other",
        "INSERT INTO t VALUES (?1), (?1)",
        "INSERT INTO n SELECT ?1", "INSERT INTO strict_one VALUES (?1)",
        "SELECT count(*) FROM f WHERE f MATCH ?1",
    ])
    func boundValuesNeverAppear(_ sql: String) throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (a UNIQUE); CREATE TABLE n (a CHECK (a = 0))")
        try connection.execute(
            "CREATE TABLE strict_one (a INTEGER) STRICT; CREATE VIRTUAL TABLE f USING fts5(x)")
        let value = "/no/such \"s3cr3t\" AND ("
        let error = #expect(throws: SQLiteError.self) { try connection.query(sql, [.text(value)]) }
        #expect(error?.description.contains("s3cr3t") == false)
        #expect(error?.message.isEmpty == false)
    }

    @Test func namesInMessagesStay() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (kind UNIQUE)")
        let error = #expect(throws: SQLiteError.self) {
            try connection.query("INSERT INTO t VALUES (?1), (?1)", ["kind"])
        }
        #expect(error?.message == "UNIQUE constraint failed: t.kind")
    }

    @Test func anotherWriterIsBusy() throws {
        let file = try ScratchFile()
        let first = try file.connect()
        try first.execute("CREATE TABLE t (a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
        let second = try file.connect()
        let error = #expect(throws: SQLiteError.self) { try second.query("INSERT INTO t VALUES (2)") }
        #expect(error?.code == .busy)
        #expect(error?.isBusy == true)
        #expect(error?.isSnapshotStale == false)
        try first.execute("COMMIT")
        #expect(try second.query("INSERT INTO t VALUES (2)").affectedRows == 1)
    }

    @Test func anOldSnapshotIsToldFromAHeldLock() throws {
        let file = try ScratchFile()
        let first = try file.connect()
        try first.setPragma("journal_mode", "wal")
        try first.execute("CREATE TABLE t (a)")
        let second = try file.connect()
        try second.query("BEGIN")
        try second.query("SELECT * FROM t")
        try first.query("INSERT INTO t VALUES (1)")
        let error = #expect(throws: SQLiteError.self) { try second.query("INSERT INTO t VALUES (2)") }
        #expect(error?.isSnapshotStale == true)
        #expect(error?.isBusy == true)
        #expect(second.isInTransaction)
        try second.query("ROLLBACK")
        #expect(try second.query("INSERT INTO t VALUES (2)").affectedRows == 1)
    }

    @Test func aFullDatabaseIsTold() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (a)")
        try connection.setPragma("max_page_count", 3)
        let error = #expect(throws: SQLiteError.self) {
            try connection.query("INSERT INTO t VALUES (zeroblob(1000000))")
        }
        #expect(error?.code == .full)
    }

    @Test func anInterruptedStatementEndsAndTheConnectionGoesOn() throws {
        let connection = try SQLiteConnection(path: ":memory:")
        let interrupter = connection.interrupter()
        let isOver = Flag()
        let thread = Thread {
            // Interrupting before the statement has begun does nothing: so until it is over.
            while !isOver.isSet { interrupter.interrupt() }
        }
        thread.start()
        let error = #expect(throws: SQLiteError.self) {
            try connection.query(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
        }
        isOver.set()
        #expect(error?.code == .interrupted)
        while thread.isExecuting { Thread.sleep(forTimeInterval: 0.001) }
        #expect(try connection.query("SELECT 1").scalar == 1)
    }
}

/// A flag that one thread sets and another looks at.
private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isSet: Bool { lock.withLock { value } }

    func set() { lock.withLock { value = true } }
}
