import DoubleWrite
import PostgresDriver
import TestSupport
import Testing

@Suite struct ErrorTests {
    private static let password = "s3cret@/?#:word"

    @Test(arguments: [
        "postgres://anna:hunter22@localhost:1/db",
        "postgresql://anna:hunter22@[::1]:1/db?connect_timeout=2",
        "host=localhost port=1 user=anna password=hunter22",
        "postgres://anna:hunter22/x@localhost/db",
        "postgres://anna:hunter22?x@localhost/db",
        "postgres://anna:x#hunter22@localhost/db",
        "postgres://anna:x@hunter22@localhost/db",
        "postgres://anna:x@hunter22/@localhost/db",
        "postgres://anna:%zzhunter22@localhost/db",
        "postgres://anna:hunter22@localhost:port/db",
        "postgres://anna@localhost/db?pasword=hunter22",
        "host=localhost password=hunter22 'and",
        "host=localhost password hunter22 =",
        "host=localhost pasword=hunter22",
        "postgres://anna@localhost:1/db?password=hunter22",
    ])
    func aLocationThatFailsKeepsItsPassword(_ location: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConnection(location) }
        let shown = error.map {
            "\($0) \($0.message) \($0.detail ?? "") \($0.hint ?? "") \(String(reflecting: $0))"
        }
        #expect(shown?.contains("hunter22") == false, "\(shown ?? "")")
        #expect(shown?.isEmpty == false)
    }

    @Test func aWrongPasswordIsNotShown() throws {
        let server = try ThrowAwayPostgres.shared
        let location = try server.makeDatabase()
        let database = try PostgresConnection(location).database
        try server.makeRole(named: "anna o'hara", password: Self.password)
        let right = server.location(database: database, user: "anna o'hara", password: Self.password)
        #expect(try PostgresConnection(right).user == "anna o'hara")
        let wrong = server.location(database: database, user: "anna o'hara", password: "wrong-password")
        let error = #expect(throws: PostgresError.self) { try PostgresConnection(wrong) }
        #expect(error?.sqlState == SQLState.unableToConnect)
        #expect(error?.description.contains("authentication failed") == true, "\(String(describing: error))")
        #expect(error?.description.contains("wrong-password") == false)
    }

    @Test func theServerIsNamed() {
        let error = #expect(throws: PostgresError.self) { try PostgresConnection("host=/nowhere dbname=db") }
        #expect(error?.description.contains("/nowhere") == true)
        #expect(error?.sqlState == SQLState.unableToConnect)
    }

    @Test func boundValuesAreNotShown() throws {
        let connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase())
        _ = try connection.execute("CREATE TABLE t (a text UNIQUE); INSERT INTO t VALUES ('secret value')")
        let duplicate = #expect(throws: PostgresError.self) {
            try connection.query("INSERT INTO t VALUES ($1)", ["secret value"])
        }
        #expect(duplicate?.sqlState == SQLState.uniqueViolation)
        #expect(duplicate?.constraintName == "t_a_key")
        #expect(duplicate?.tableName == "t")
        #expect(duplicate?.description.contains("secret") == false)
        for value in ["secret value", "x", "se\"cret"] {
            let malformed = #expect(throws: PostgresError.self) {
                try connection.query("SELECT $1::int4", [.text(value)])
            }
            #expect(malformed?.sqlState == SQLState.invalidTextRepresentation)
            #expect(malformed?.description.contains("\"\(value)\"") == false)
        }
    }

    /// What an expression makes of a row is quoted by the server, though nobody bound it.
    @Test func valuesOfRowsAreNotShown() throws {
        let connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase())
        _ = try connection.execute(
            """
            CREATE TYPE mood AS ENUM ('glad');
            CREATE TABLE t (a text, n bigint, CONSTRAINT short CHECK (length(a) < 30));
            INSERT INTO t VALUES ('secret "quoted" value', 9876543210123)
            """)
        for (sql, type) in [
            ("SELECT a::integer FROM t", "integer"), ("SELECT a::date FROM t", "date"),
            ("SELECT a::mood FROM t", "enum mood"), ("SELECT n::text::integer FROM t", "integer"),
            ("SELECT a::json FROM t", "json"), ("SELECT ('{' || a)::text[] FROM t", "array"),
            ("UPDATE t SET a = a || ' and so on, and on'", "short"),
        ] {
            let error = #expect(throws: PostgresError.self) { try connection.query(sql) }
            let told = error?.description ?? ""
            #expect(
                !told.contains("secret") && !told.contains("quoted") && !told.contains("987654"), "\(told)")
            #expect(told.contains(type), "\(told)")
            #expect(told.contains("[2"), "\(told)")
        }
    }

    @Test func theFactsAreThere() throws {
        let connection = try PostgresConnection(ThrowAwayPostgres.makeDatabase())
        _ = try connection.execute("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t")
        let missing = #expect(throws: PostgresError.self) { try connection.query("SELECT b FROM t") }
        #expect(missing?.sqlState == SQLState.undefinedColumn)
        #expect(missing?.position == 8)
        #expect(missing?.severity == "ERROR")
        let depended = #expect(throws: PostgresError.self) { try connection.query("DROP TABLE t") }
        #expect(depended?.sqlState == SQLState.dependentObjectsStillExist)
        #expect(depended?.description.contains("view v depends on table t") == true)
        #expect(depended?.hint != nil)
    }
}
