import DoubleWrite
import MigrationCore
import SQLiteDriver
import Testing

/// Where a comparison of columns may leave out the storage class.
@Suite struct ExactEqualityTests {
    /// One number in every form, at the edges of what a form can hold, and texts that look like it.
    private static let values = [
        "NULL", "0", "0.0", "-0.0", "'0'", "x'30'", "1", "1.0", "'1'", "'1.0'", "' 1'", "'1 '", "'a'", "'A'",
        "x'61'", "''",
        "x''", "1e17", "100000000000000000", "9007199254740993", "9007199254740992.0", "9223372036854775807",
        "9223372036854775808.0", "-9223372036854775808", "-9223372036854775808.0", "1e999", "-1e999", "0.1",
    ]

    @Test(
        "Equal values of a column are identical where it is called exact, and only there",
        arguments: [
            ("TEXT", true), ("VARCHAR(3)", true), ("REAL", true), ("double precision", true),
            ("INTEGER", false),
            ("NUMERIC", false), ("decimal(10, 2)", false), ("BLOB", false), ("", false),
        ])
    func ordinary(_ type: String, _ isExact: Bool) throws {
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (a \(type), b \(type))")
        #expect(try connection.introspect()["t"]?.columns.map(\.hasExactEquality) == [isExact, isExact])
        #expect(try isExact == lookalikes(connection).isEmpty)
    }

    @Test(arguments: [("TEXT", true), ("REAL", true), ("INTEGER", true), ("BLOB", true), ("ANY", false)])
    func strict(_ type: String, _ isExact: Bool) throws {
        guard SQLiteConnection.libraryVersion >= 3_037_000 else { return }
        let connection = try SQLiteConnection(path: ":memory:")
        try connection.execute("CREATE TABLE t (a \(type), b \(type)) STRICT")
        #expect(try connection.introspect()["t"]?.columns.map(\.hasExactEquality) == [isExact, isExact])
        #expect(try isExact == lookalikes(connection).isEmpty)
    }

    /// Pairs that the comparison for exact columns calls equal and the one for all others does not.
    private func lookalikes(_ connection: SQLiteConnection) throws -> [[SQLValue]] {
        for left in Self.values {
            for right in Self.values {
                // STRICT refuses what is not of the type.
                try? connection.execute("INSERT INTO t VALUES (\(left), \(right))")
            }
        }
        let dialect = Dialect.sqlite
        return try connection.query(
            """
            SELECT DISTINCT a, b FROM t
            WHERE NOT \(dialect.differs("a", "b", isExact: true)) AND \(dialect.differs("a", "b"))
            """
        ).rows
    }
}
