import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import SQLiteDriver

@Suite struct IntrospectionTests {
    let connection: SQLiteConnection

    init() throws { connection = try SQLiteConnection(path: ":memory:") }

    /// The table `t` after a script.
    private func made(_ script: String) throws -> Table {
        try connection.execute(script)
        return try #require(try connection.introspect()["t"])
    }

    @Test func columnsAreToldAsTheyWereDeclared() throws {
        let table = try made(
            """
            CREATE TABLE t (
                id INTEGER PRIMARY KEY, a VARCHAR(20) NOT NULL DEFAULT 'it''s', b TEXT COLLATE NOCASE,
                c REAL DEFAULT -1.5, d DEFAULT (1 + 2), e TEXT DEFAULT CURRENT_TIMESTAMP, f TEXT DEFAULT (random()),
                g TEXT DEFAULT (lower('X') || 'y'), 'h i' BLOB DEFAULT NULL, j TEXT COLLATE binary)
            """)
        #expect(table.columns.map(\.name) == ["id", "a", "b", "c", "d", "e", "f", "g", "h i", "j"])
        #expect(table.columns.map(\.type).prefix(4) == ["INTEGER", "VARCHAR(20)", "TEXT", "REAL"])
        #expect(table.columns.map(\.isNullable).prefix(3) == [false, false, true])
        #expect(
            table.columns.map(\.defaultValue) == [
                nil, "'it''s'", nil, "-1.5", "(1 + 2)", "CURRENT_TIMESTAMP", "(random())",
                "(lower('X') || 'y')",
                "NULL", nil,
            ])
        #expect(table.columns.filter(\.isDefaultVolatile).map(\.name) == ["e", "f"])
        #expect(table.columns.compactMap(\.collation) == ["NOCASE"])
        #expect(table.columns.filter { !$0.hasExactEquality }.map(\.name) == ["id", "b", "d", "h i"])
        #expect(table.primaryKey == ["id"])
        #expect(table.kind == .ordinary)
        #expect(!table.isWithoutRowID)
    }

    @Test(arguments: [
        "'x'", "-1", "+1.5", "x'00'", "NULL", "TRUE", "CURRENT_DATE", "(1 + 2)", "('a' || \n 'b')", "foo",
    ])
    func aDefaultCanBeSaidAgain(_ text: String) throws {
        let first = try made("CREATE TABLE t (a DEFAULT \(text))")
        let value = try #require(first.columns[0].defaultValue)
        try connection.execute("CREATE TABLE u (a DEFAULT \(value))")
        #expect(try connection.introspect()["u"]?.columns[0].defaultValue == value)
        try connection.execute("INSERT INTO t DEFAULT VALUES; INSERT INTO u DEFAULT VALUES")
        #expect(try connection.query("SELECT t.a IS u.a AND typeof(t.a) = typeof(u.a) FROM t, u").scalar == 1)
    }

    @Test func keysOfSeveralColumnsKeepTheirOrder() throws {
        let table = try made("CREATE TABLE t (a, b, c, PRIMARY KEY (c, a)) WITHOUT ROWID")
        #expect(table.primaryKey == ["c", "a"])
        #expect(table.isWithoutRowID)
        #expect(table.columns.map(\.isNullable) == [false, true, false])
        #expect(table.uniqueConstraints.isEmpty)
        #expect(table.indexes.isEmpty)
    }

    @Test func aKeyThatIsNotTheRowIDMayBeNull() throws {
        let table = try made("CREATE TABLE t (a TEXT PRIMARY KEY, b)")
        #expect(table.columns[0].isNullable)
    }

    @Test func generatedColumnsCarryTheirExpressionAndDependOnIt() throws {
        let table = try made(
            """
            CREATE TABLE t (a INT, b TEXT AS (a + 1), "c d" INT NOT NULL GENERATED ALWAYS AS (abs(A) /* , ) */) STORED)
            """)
        #expect(table.columns.map(\.generated) == [nil, "a + 1", "abs(A)"])
        #expect(table.columns.map(\.type) == ["INT", "TEXT", "INT"])
        #expect(
            table.dependents == [
                Dependent(kind: .generatedColumn, name: "t.b", columns: ["a"]),
                Dependent(kind: .generatedColumn, name: "t.c d", columns: ["a"]),
            ])
    }

    @Test func checksAreFoundWhereverTheyStand() throws {
        let table = try made(
            """
            CREATE TABLE t ( -- CHECK (nothing)
                a TEXT CONSTRAINT named CHECK (a IN ('CHECK (b)', 'b')) NOT NULL,
                "check" INT CHECK ((("check" > 0))), [b] INT DEFAULT (1) CHECK(b<9)CHECK(b>0),
                `check (a)` TEXT /* CHECK (a) */, CONSTRAINT "my check" CHECK (A <> `check (a)`),
                CHECK (1) CHECK (length(a) > [b])
            )
            """)
        #expect(
            table.checks == [
                check("named", "CHECK (a IN ('CHECK (b)', 'b'))", ["a"]),
                check(nil, #"CHECK ((("check" > 0)))"#, ["check"]),
                check(nil, "CHECK(b<9)", ["b"]), check(nil, "CHECK(b>0)", ["b"]),
                check("my check", "CHECK (A <> `check (a)`)", ["a", "check (a)"]),
                check(nil, "CHECK (1)", []), check(nil, "CHECK (length(a) > [b])", ["a", "b"]),
            ])
    }

    private func check(_ name: String?, _ text: String, _ columns: Set<String>) -> CheckConstraint {
        CheckConstraint(name: name, definition: SQLTemplate([.text(text)]), columns: columns)
    }

    @Test func uniqueConstraintsAreToldFromIndexes() throws {
        let table = try made(
            """
            CREATE TABLE t (a UNIQUE, b UNIQUE ON CONFLICT REPLACE, c, UNIQUE (C, a), UNIQUE (b, c) ON CONFLICT IGNORE);
            CREATE UNIQUE INDEX i ON t (c)
            """)
        #expect(
            table.uniqueConstraints == [
                UniqueConstraint(name: nil, columns: ["a"]),
                UniqueConstraint(name: nil, columns: ["b"], attributes: "ON CONFLICT REPLACE"),
                UniqueConstraint(name: nil, columns: ["c", "a"]),
                UniqueConstraint(name: nil, columns: ["b", "c"], attributes: "ON CONFLICT IGNORE"),
            ])
        #expect(table.indexes.map(\.name) == ["i"])
        #expect(table.indexes[0].isUnique)
    }

    @Test(arguments: [
        ("(a)", "(`a`)"), ("( A , b )", "(`a`, `b`)"),
        ("(a DESC, b COLLATE RTRIM)", "(`a` DESC, `b` COLLATE RTRIM)"),
        ("(n)", "(`n` COLLATE NOCASE)"), ("(n COLLATE BINARY DESC)", "(`n` COLLATE BINARY DESC)"),
        ("('a')", "(`a`)"),
    ])
    func simpleIndexesTellTheirColumnsApart(_ text: String, _ expected: String) throws {
        let table = try made("CREATE TABLE t (a, b, n COLLATE NOCASE); CREATE INDEX i ON t \(text)")
        let index = try #require(table.indexes.first)
        #expect(index.isSimple)
        #expect(index.definition.sql(.sqlite) == expected)
        #expect(index.definition.columns == index.columns)
        try connection.execute("CREATE INDEX again ON t \(index.definition.sql(.sqlite))")
        #expect(
            try connection.introspect()["t"]?.indexes.map(\.definition) == [
                index.definition, index.definition,
            ])
    }

    @Test(arguments: [
        ("(a) WHERE b IS NOT NULL", ["a", "b"]), ("(lower(A), b)", ["a", "b"]), ("(a || 'b')", ["a"]),
        ("(a) WHERE \"c d\" > 0 -- b", ["a", "c d"]),
    ])
    func otherIndexesAreTheirText(_ text: String, _ columns: [String]) throws {
        let table = try made("CREATE TABLE [t] (a, b, `c d`); CREATE INDEX \"ON (x)\" ON [t] \(text)")
        let index = try #require(table.indexes.first)
        #expect(!index.isSimple)
        #expect(index.columns == Set(columns))
        try connection.execute("CREATE INDEX again ON t \(index.definition.sql(.sqlite))")
    }

    @Test func foreignKeysKeepNamesActionsAndDeferral() throws {
        let table = try made(
            """
            CREATE TABLE p (Id INTEGER PRIMARY KEY, x, y, UNIQUE (x, y));
            CREATE TABLE t (
                a REFERENCES P, b CONSTRAINT named REFERENCES p (ID) ON DELETE CASCADE NOT NULL, c,
                d REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED,
                e REFERENCES p (id) NOT DEFERRABLE INITIALLY DEFERRED, f REFERENCES missing (z),
                CONSTRAINT pair FOREIGN KEY (c, d) REFERENCES p (x, Y) ON UPDATE SET NULL)
            """)
        let target = ForeignKeyTarget(table: "p", columns: ["Id"])
        #expect(
            table.foreignKeys == [
                ForeignKey(name: nil, columns: ["a"], target: ForeignKeyTarget(table: "p")),
                ForeignKey(
                    name: "named", columns: ["b"],
                    target: ForeignKeyTarget(table: "p", columns: ["Id"], onDelete: .cascade)),
                ForeignKey(
                    name: nil, columns: ["d"], target: target, attributes: "DEFERRABLE INITIALLY DEFERRED"),
                ForeignKey(name: nil, columns: ["e"], target: target),
                ForeignKey(
                    name: nil, columns: ["f"], target: ForeignKeyTarget(table: "missing", columns: ["z"])),
                ForeignKey(
                    name: "pair", columns: ["c", "d"],
                    target: ForeignKeyTarget(table: "p", columns: ["x", "y"], onUpdate: .setNull)),
            ])
        let parent = try #require(try connection.introspect()["p"])
        #expect(
            parent.dependents == [
                Dependent(kind: .foreignKey, name: "t.a", columns: ["Id"]),
                Dependent(kind: .foreignKey, name: "t.b", columns: ["Id"]),
                Dependent(kind: .foreignKey, name: "t.d", columns: ["Id"]),
                Dependent(kind: .foreignKey, name: "t.e", columns: ["Id"]),
                Dependent(kind: .foreignKey, name: "t.c, d", columns: ["x", "y"]),
            ])
    }

    @Test func otherKindsOfTablesAreKnown() throws {
        try connection.execute(
            """
            CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE Bellows_stages (a);
            CREATE VIRTUAL TABLE f USING fts5(body); CREATE TABLE s (a ANY, b BLOB) STRICT; CREATE TEMP TABLE x (a);
            CREATE TABLE made AS SELECT 1 AS `a b`; INSERT INTO t VALUES (1); ANALYZE
            """)
        let schema = try connection.introspect()
        #expect(schema.tables.map(\.name.name).filter { !$0.hasPrefix("f_") } == ["f", "made", "s", "t"])
        if SQLiteConnection.libraryVersion >= 3_037_000 { #expect(schema.tables.count == 4) }
        #expect(schema["f"]?.kind == .virtual)
        #expect(schema["f"]?.columns.first?.name == "body")
        #expect(schema["made"]?.columns.map(\.name) == ["a b"])
        #expect(schema["s"]?.columns.map(\.hasExactEquality) == [false, true])
    }

    @Test func onlyTheTablesAskedForAreRead() throws {
        try connection.execute("CREATE TABLE a (x); CREATE TABLE B (x); CREATE TABLE c (x)")
        let names: [TableName] = ["b", TableName(schema: "main", "C"), TableName(schema: "other", "a"), "no"]
        #expect(try connection.introspect(names).tables.map(\.name) == ["B", "c"])
        #expect(try connection.introspect([]).tables.isEmpty)
    }

    @Test func rowsAreEstimatedWithoutCounting() throws {
        try connection.execute(
            "CREATE TABLE t (rowid TEXT, _rowid_ TEXT); INSERT INTO t VALUES (9, 9), (8, 8), (7, 7)")
        try connection.execute(
            "CREATE TABLE e (a); CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID; INSERT INTO w VALUES (1), (2)")
        let before = try connection.introspect()
        #expect(before["t"]?.estimatedRows == 3)
        #expect(before["e"]?.estimatedRows == 0)
        #expect(before["w"]?.estimatedRows == nil)
        #expect(before["t"]?.bytes == nil)
        try connection.execute("ANALYZE")
        #expect(try connection.introspect()["w"]?.estimatedRows == 2)
        try connection.execute("CREATE TABLE far (a INTEGER PRIMARY KEY)")
        try connection.query("INSERT INTO far VALUES (?1), (?2)", [.integer(.min), .integer(.max)])
        #expect(try connection.introspect()["far"]?.estimatedRows == nil)
    }

    @Test func introspectionLeavesTransactionsAsTheyAre() throws {
        _ = try connection.introspect()
        #expect(!connection.isInTransaction)
        try connection.execute("BEGIN; CREATE TABLE t (a)")
        #expect(try connection.introspect()["t"] != nil)
        #expect(connection.isInTransaction)
    }

    @Test(arguments: HostileNames.all)
    func hostileNamesAreFoundEverywhere(_ name: String) throws {
        let quoted = Dialect.sqlite.quote(name)
        let tableName = "t " + name
        let quotedTable = Dialect.sqlite.quote(tableName)
        try connection.execute(
            """
            CREATE TABLE \(quotedTable) (id INTEGER PRIMARY KEY, \(quoted) TEXT NOT NULL DEFAULT 'x'
                CONSTRAINT \(quoted) CHECK (\(quoted) <> '') CONSTRAINT \(quoted) REFERENCES \(quotedTable) (\(quoted)),
                twice TEXT AS (\(quoted) || \(quoted)), UNIQUE (\(quoted)));
            CREATE INDEX \(Dialect.sqlite.quote("i " + name)) ON \(quotedTable) (\(quoted) DESC);
            CREATE INDEX \(Dialect.sqlite.quote("j " + name)) ON \(quotedTable) (lower(\(quoted)));
            CREATE VIEW \(Dialect.sqlite.quote("v " + name)) AS SELECT \(quoted) FROM \(quotedTable);
            """)
        let table = try #require(try connection.introspect([TableName(tableName)]).tables.first)
        #expect(table.name.name == tableName)
        #expect(table.columns.map(\.name) == ["id", name, "twice"])
        #expect(table.checks.map(\.name) == [name])
        #expect(table.checks.map(\.columns) == [[name]])
        #expect(table.foreignKeys.map(\.name) == [name])
        #expect(table.uniqueConstraints.map(\.columns) == [[name]])
        #expect(table.indexes.map(\.name) == ["i " + name, "j " + name])
        #expect(table.indexes.map(\.isSimple) == [true, false])
        #expect(table.indexes.map(\.columns) == [[name], [name]])
        #expect(table.dependents.map(\.kind) == [.generatedColumn, .foreignKey, .view])
        #expect(table.dependents.map(\.columns) == [[name], [name], [name]])
    }
}
