import DoubleWrite
import MigrationCore
import SQLiteDriver
import TestSupport
import Testing

@testable import MigrationEngine

/// What another stored text must not do: change what rows say, let a row through that it forbids, or stay half-way.
@Suite struct SQLiteEditTests {
    private func prepared(
        _ script: String, _ operation: MigrationCore.Operation
    ) throws -> (Scratch, [MigrationSource]) {
        let scratch = try Scratch(.sqlite)
        try scratch.session.execute(script)
        let sources = [try MigrationSource("0001", operation)]
        try scratch.engine().attest(Attestation(application: "app"), sources: sources)
        return (scratch, sources)
    }

    // MARK: - Rows from before the column

    private static func grown(_ rows: Int) -> String {
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows)) INSERT INTO t SELECT i, 'a' FROM n;
        ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 5; ALTER TABLE t ADD COLUMN c TEXT;
        CREATE INDEX by_b ON t (b); CREATE INDEX by_c ON t (c); CREATE TABLE told (id);
        CREATE TRIGGER tell AFTER UPDATE ON t BEGIN INSERT INTO told VALUES (NEW.id); END;
        INSERT INTO t (a) VALUES ('new'), ('new'); UPDATE t SET b = 6 WHERE id = 1; DELETE FROM told;
        """
    }

    /// SQLite shows the default of the day for a column that was added later: no other default may change what rows say.
    @Test(arguments: [3, 9000])
    func anotherDefaultLeavesOldRowsAlone(rows: Int) throws {
        let operations: [MigrationCore.Operation] = [
            .setDefault(SetDefault(table: "t", column: "b", defaultValue: "7")),
            .dropDefault(DropDefault(table: "t", column: "b")),
            .setDefault(SetDefault(table: "t", column: "c", defaultValue: "'see'")),
        ]
        for operation in operations {
            let (scratch, sources) = try prepared(Self.grown(rows), operation)
            let before = try scratch.run("SELECT * FROM t ORDER BY id").rows
            _ = try scratch.engine().apply(sources, through: .contract)
            #expect(try scratch.run("SELECT * FROM t ORDER BY id").rows == before)
            #expect(try scratch.run("PRAGMA integrity_check").rows == [["ok"]])
            // The application's triggers are told nothing: nothing has changed.
            #expect(try scratch.run("SELECT count(*) FROM told").scalar == 0)
            try scratch.run("INSERT INTO t (id, a) VALUES (100000, 'newest')")
            let newest = try scratch.run("SELECT b, c FROM t WHERE id = 100000").rows
            _ = try scratch.rollBack(sources, names: ["0001"])
            #expect(try scratch.run("SELECT * FROM t WHERE id < 100000 ORDER BY id").rows == before)
            #expect(try scratch.run("SELECT b, c FROM t WHERE id = 100000").rows == newest)
            #expect(try scratch.run("PRAGMA integrity_check").rows == [["ok"]])
        }
    }

    @Test func rowsWithoutARowIDAreFoundByTheirKey() throws {
        let script = """
            CREATE TABLE t (k TEXT, l INT, PRIMARY KEY (l, k)) WITHOUT ROWID; INSERT INTO t VALUES ('a', 1), ('a', 2), ('B', 1);
            ALTER TABLE t ADD COLUMN b REAL NOT NULL DEFAULT 5
            """
        let (scratch, sources) = try prepared(
            script, .setDefault(SetDefault(table: "t", column: "b", defaultValue: "random()")))
        let before = try scratch.run("SELECT * FROM t").rows
        _ = try scratch.engine().apply(sources, through: .contract)
        #expect(try scratch.run("SELECT * FROM t").rows == before)
    }

    // MARK: - Rows that are not as they must be

    static let violated: [(script: String, operation: MigrationCore.Operation, count: Int)] = [
        (
            "INSERT INTO t VALUES (1, NULL, 1), (2, NULL, 2), (3, 'x', 3)",
            .setNotNull(SetNotNull(table: "t", column: "a")), 2
        ),
        (
            "INSERT INTO t VALUES (1, 'a', -1), (2, 'b', NULL)",
            .addCheck(AddCheck(table: "t", name: "c", check: "b > 0")), 1
        ),
        (
            "INSERT INTO t VALUES (1, 'a', 7), (2, 'b', NULL), (3, 'c', 1)",
            .addForeignKey(
                AddForeignKey(table: "t", name: "f", columns: ["b"], target: ForeignKeyTarget(table: "p"))), 1
        ),
        (
            "INSERT INTO t VALUES (1, 'a', 1), (2, 'A', 1), (3, NULL, 1), (4, NULL, 1)",
            .addUnique(AddUnique(table: "t", name: "u", columns: ["a"])), 2
        ),
        (
            "INSERT INTO t VALUES (1, 'a', 1), (1, 'b', 1), (NULL, 'c', 1)",
            .addPrimaryKey(AddPrimaryKey(table: "t", columns: ["id"])), 3
        ),
    ]

    @Test(arguments: violated.indices)
    func badRowsAreCountedAndShownBeforeAnythingChanges(number: Int) throws {
        let (script, operation, count) = Self.violated[number]
        let (scratch, sources) = try prepared(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2), (3); "
                + "CREATE TABLE t (id INT, a TEXT COLLATE NOCASE, b INT); " + script, operation)
        let before = try scratch.run("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'bellows%'").rows
        let report = try scratch.engine().apply(sources, through: .contract)
        guard case .waiting(let gates)? = report.migrations.first?.outcome,
            case .violations(let found)? = gates.first?.condition
        else {
            Issue.record("not counted: \(report)")
            return
        }
        #expect(found.counts.reduce(0) { $0 + $1.violations } == Int64(count))
        #expect(found.samples.rows.count == count)
        #expect(
            try scratch.run("SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'bellows%'").rows == before)
    }

    /// A row that comes between the count and the edit is seen by the edit's own transaction.
    @Test func aRowThatComesLateIsSeen() throws {
        let (scratch, sources) = try prepared(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
            .setNotNull(SetNotNull(table: "t", column: "a")))
        let location = scratch
        let settings = Settings.test.with { settings in
            settings.faults.strike = { moment, id in
                if moment == .beforeStep, id.hasSuffix("not-null") { throw SeenMoments.Struck() }
            }
        }
        #expect(throws: EngineError.self) {
            _ = try scratch.engine(settings).apply(sources, through: .contract)
        }
        try location.run("INSERT INTO t (a) VALUES (NULL)")
        let report = try scratch.engine().apply(sources, through: .contract)
        guard case .waiting? = report.migrations.first?.outcome else {
            Issue.record("the row was not seen: \(report)")
            return
        }
        try scratch.run("UPDATE t SET a = 'now'")
        #expect(
            try scratch.engine().apply(sources, through: .contract).migrations.map(\.outcome) == [.finished])
        #expect(throws: DatabaseFailure.self) { try scratch.run("INSERT INTO t (a) VALUES (NULL)") }
    }

    @Test func theFillReachesEveryRow() throws {
        let (scratch, sources) = try prepared(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, `id;--` TEXT, a TEXT); INSERT INTO t VALUES (1, 'x', NULL), (2, NULL, 'kept')",
            .setNotNull(SetNotNull(table: "t", column: "a", fill: "coalesce(`id;--`, 'none') -- paid")))
        _ = try scratch.engine().apply(sources, through: .contract)
        #expect(try scratch.run("SELECT a FROM t ORDER BY id").rows == [["x"], ["kept"]])
    }

    // MARK: - Failing whole

    @Test func aCheckThatCannotBeReadChangesNothing() throws {
        let (scratch, sources) = try prepared(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
            .addCheck(AddCheck(table: "t", name: "c", check: "a <> (SELECT max(id) FROM t)")))
        let before = try scratch.run("SELECT sql FROM sqlite_schema WHERE name = 't'").rows
        #expect(throws: EngineError.self) { _ = try scratch.engine().apply(sources, through: .contract) }
        #expect(try scratch.run("SELECT sql FROM sqlite_schema WHERE name = 't'").rows == before)
        try scratch.run("INSERT INTO t (a) VALUES ('x')")
    }

    /// Connections that are open meanwhile see the new rule in their very next statement.
    @Test func openConnectionsFollow() throws {
        let (scratch, sources) = try prepared(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
            .addCheck(AddCheck(table: "t", name: "c", check: "a <> 'bad'")))
        let application = try #require(try scratch.connect() as? SQLiteSession)
        _ = try application.query("INSERT INTO t (a) VALUES (?1)", ["bad"])
        try scratch.run("DELETE FROM t")
        _ = try scratch.engine().apply(sources, through: .contract)
        let error = #expect(throws: DatabaseFailure.self) {
            _ = try application.query("INSERT INTO t (a) VALUES (?1)", ["bad"])
        }
        #expect(error?.message.contains("c") == true)
        _ = try application.query("INSERT INTO t (a) VALUES (?1)", ["good"])
    }

    @Test(arguments: HostileNames.all)
    func hostileNamesAreEdited(name: String) throws {
        let quoted = Dialect.sqlite.quote(name)
        let table = Dialect.sqlite.quote("t " + name)
        let scratch = try Scratch(.sqlite)
        try scratch.session.execute(
            """
            CREATE TABLE \(table) (id INTEGER PRIMARY KEY, \(quoted) TEXT, other TEXT CONSTRAINT \(quoted) UNIQUE);
            CREATE INDEX \(Dialect.sqlite.quote("i " + name)) ON \(table) (\(quoted) DESC, lower(\(quoted)));
            INSERT INTO \(table) VALUES (1, 'x', 'y')
            """)
        let tableName = TableName("t " + name)
        let sources = [
            try MigrationSource("1", .setNotNull(SetNotNull(table: tableName, column: name))),
            try MigrationSource(
                "2", .setDefault(SetDefault(table: tableName, column: name, defaultValue: "'d'"))),
            try MigrationSource("3", .dropConstraint(DropConstraint(table: tableName, name: name))),
            try MigrationSource(
                "4", .addCheck(AddCheck(table: tableName, name: name, check: PerDialect("\(quoted) <> ''")))),
            try MigrationSource("5", .dropColumn(DropColumn(table: tableName, column: name))),
        ]
        for source in sources {
            let report = try scratch.engine(.alone).apply(
                sources, names: [source.migration.name], through: .contract)
            #expect(report.migrations.map(\.outcome) == [.finished], "\(source.migration.name)")
        }
        #expect(try scratch.run("SELECT * FROM \(table)").rows == [[1, "y"]])
    }
}
