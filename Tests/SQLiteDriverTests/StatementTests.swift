import DoubleWrite
import TestSupport
import Testing

@testable import SQLiteDriver

@Suite struct StatementTests {
    let connection: SQLiteConnection

    init() throws {
        connection = try SQLiteConnection(path: ":memory:", cachedStatements: 4)
        try connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)")
    }

    @Test(arguments: [
        SQLValue.null, .integer(.min), .integer(.max), .real(-0.5), .real(.infinity), .real(1e-300),
        .text(""),
        .text("it's"), .text("a\0b"), .text("\0"), .text("🐕"),
        .blob([]), .blob([0]), .blob([0, 255, 0]),
    ])
    func valuesComeBackAsTheyWent(_ value: SQLValue) throws {
        try connection.query("INSERT INTO t VALUES (1, ?1)", [value])
        #expect(try connection.query("SELECT a FROM t").scalar == value)
        #expect(try connection.query("SELECT ?1", [value]).scalar == value)
        let type =
            switch value {
            case .null: "null"
            case .integer, .boolean: "integer"
            case .real: "real"
            case .text: "text"
            case .blob: "blob"
            }
        #expect(try connection.query("SELECT typeof(a) FROM t").scalar == .text(type))
    }

    @Test func longTextsStayWhole() throws {
        let text = SQLValue.text(String(repeating: "ü🐕", count: 100_000))
        #expect(try connection.query("SELECT ?1", [text]).scalar == text)
    }

    @Test func booleansAreZeroAndOne() throws {
        #expect(
            try connection.query("SELECT ?1, ?2, typeof(?1)", [true, false]).rows == [[1, 0, "integer"]])
    }

    @Test func notANumberIsRefusedRatherThanStoredAsNull() throws {
        let error = #expect(throws: SQLiteError.self) {
            try connection.query("INSERT INTO t (a) VALUES (?1)", [.real(.nan)])
        }
        #expect(error?.code == .mismatch)
        #expect(try connection.query("SELECT count(*) FROM t").scalar == 0)
    }

    @Test func theCountOfValuesMustBeRight() throws {
        for values in [[], [1], [1, 2, 3]] as [[SQLValue]] {
            let error = #expect(throws: SQLiteError.self) { try connection.query("SELECT ?1, ?2", values) }
            #expect(error?.code == .range)
        }
    }

    @Test func bindingsDoNotStayBehind() throws {
        #expect(try connection.query("SELECT ?1", ["secret"]).scalar == "secret")
        #expect(throws: SQLiteError.self) { try connection.query("SELECT ?1", []) }
        #expect(try connection.query("SELECT ?1", [nil]).scalar == .null)
    }

    @Test func affectedRowsAreThoseTheStatementChanged() throws {
        func affected(_ sql: String) throws -> Int { try connection.query(sql).affectedRows }
        #expect(try affected("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)") == 3)
        #expect(connection.lastInsertRowID == 3)
        #expect(try affected("UPDATE t SET a = a WHERE id > 1") == 2)
        #expect(try affected("CREATE TABLE u (a)") == 0)
        #expect(try affected("UPDATE t SET a = a WHERE id > 100") == 0)
        #expect(try affected("INSERT OR IGNORE INTO t VALUES (1, 1)") == 0)
        #expect(try affected("INSERT INTO t VALUES (1, 9) ON CONFLICT DO NOTHING") == 0)
        #expect(try affected("INSERT INTO t VALUES (4, 4), (5, 5) RETURNING id") == 2)
        #expect(try affected("SELECT * FROM t") == 5)
        #expect(try affected("SELECT * FROM t WHERE 0") == 0)
        #expect(try affected("WITH x AS (SELECT 1 AS id) DELETE FROM t WHERE id IN (SELECT id FROM x)") == 1)
        #expect(try affected("WITH x AS (SELECT 1) SELECT * FROM x") == 1)
        #expect(try affected("EXPLAIN DELETE FROM t") > 0)
        #expect(try affected("ALTER TABLE t RENAME COLUMN a TO b") == 0)
        #expect(try affected("BEGIN IMMEDIATE") == 0)
        #expect(try affected("REPLACE INTO t VALUES (2, 7)") == 1)
        #expect(try affected("COMMIT") == 0)
        #expect(try affected("/* all */ -- of them\n DELETE FROM t") == 4)
        #expect(try affected("VACUUM") == 0)
    }

    @Test func triggersDoNotCount() throws {
        try connection.execute(
            """
            CREATE TABLE log (a);
            CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (1), (2); END
            """)
        #expect(try connection.query("INSERT INTO t VALUES (1, 1)").affectedRows == 1)
    }

    @Test func returningGivesRowsAndColumns() throws {
        let result = try connection.query("INSERT INTO t VALUES (9, 'x') RETURNING id, a AS `odd name`")
        #expect(result == ResultSet(columns: ["id", "odd name"], rows: [[9, "x"]], affectedRows: 1))
        #expect(try connection.query("SELECT a FROM t WHERE 0").columns == ["a"])
        #expect(try connection.query("DELETE FROM t").columns.isEmpty)
    }

    @Test(arguments: [
        "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE t", "SELECT 1; nonsense", "SELECT 1;; x", "BEGIN; COMMIT",
    ])
    func moreThanOneStatementIsAnError(_ sql: String) throws {
        let error = #expect(throws: SQLiteError.self) { try connection.query(sql) }
        #expect(error?.code == .misuse)
        #expect(!connection.isInTransaction)
        #expect(try connection.query("SELECT count(*) FROM t").scalar == 0)
    }

    @Test(arguments: ["SELECT 1;", "SELECT 1 ; ;; -- done", "SELECT 1 /* ; */", "-- first\nSELECT 1;\n"])
    func blanksAndCommentsBehindAStatementAreNone(_ sql: String) throws {
        for _ in 0..<2 { #expect(try connection.query(sql).rows == [[1]]) }
    }

    @Test(arguments: ["", "  \n", "-- nothing", ";", "SELECT 1\0; DROP TABLE t"])
    func textsWithoutAWholeStatementAreErrors(_ sql: String) throws {
        let error = #expect(throws: SQLiteError.self) { try connection.query(sql) }
        #expect(error?.code == .misuse)
    }

    @Test func scriptsRunUpToTheirFirstError() throws {
        try connection.execute("-- nothing\n;;")
        try connection.execute("INSERT INTO t VALUES (1, 'a;b'); -- c;\n INSERT INTO t VALUES (2, 'c');;\n")
        #expect(try connection.query("SELECT a FROM t").rows == [["a;b"], ["c"]])
        let error = #expect(throws: SQLiteError.self) {
            try connection.execute("INSERT INTO t VALUES (3, 'd'); INSERT INTO t VALUES (3, 'e'); SELECT 1")
        }
        #expect(error?.extendedCode == .constraintPrimaryKey)
        #expect(error?.sql?.contains("'e'") == true)
        #expect(error?.sql?.contains("'d'") == false)
        #expect(try connection.query("SELECT count(*) FROM t").scalar == 3)
    }

    @Test func theCacheKeepsTheMostRecentlyUsed() throws {
        for number in 0..<20 {
            try connection.query("SELECT \(number)")
            try connection.query("SELECT 0")
        }
        #expect(connection.cachedStatements == 4)
        var cache = StatementCache(capacity: 2)
        #expect(cache.statement("SELECT 1") == nil)
        cache.removeAll()
        #expect(cache.count == 0)
    }

    @Test func aCachedStatementFollowsTheSchema() throws {
        try connection.query("INSERT INTO t VALUES (1, 'x')")
        #expect(try connection.query("SELECT * FROM t").columns == ["id", "a"])
        try connection.execute("ALTER TABLE t ADD COLUMN b DEFAULT 7")
        let after = try connection.query("SELECT * FROM t")
        #expect(after.columns == ["id", "a", "b"])
        #expect(after.rows == [[1, "x", 7]])
        try connection.execute("DROP TABLE t")
        let error = #expect(throws: SQLiteError.self) { try connection.query("SELECT * FROM t") }
        #expect(error?.isStatementRefused == true)
    }

    @Test func aCachedStatementWorksAgainAfterAnError() throws {
        let insert = "INSERT INTO t VALUES (?1, ?2)"
        try connection.query(insert, [1, "x"])
        let error = #expect(throws: SQLiteError.self) { try connection.query(insert, [2, "x"]) }
        #expect(error?.extendedCode == .constraintUnique)
        #expect(!connection.isInTransaction)
        try connection.query(insert, [2, "y"])
        try connection.execute("DROP TABLE t")
    }

    @Test(arguments: HostileNames.all)
    func hostileNamesAreNames(_ name: String) throws {
        let quoted = Dialect.sqlite.quote(name)
        try connection.execute("CREATE TABLE \(quoted) (\(quoted) TEXT)")
        try connection.query("INSERT INTO \(quoted) (\(quoted)) VALUES (?1)", [.text(name)])
        let result = try connection.query(
            "SELECT \(quoted) FROM \(quoted) WHERE \(quoted) = ?1", [.text(name)])
        #expect(result == ResultSet(columns: [name], rows: [[.text(name)]], affectedRows: 1))
    }
}
