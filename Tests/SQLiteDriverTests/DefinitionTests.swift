import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import SQLiteDriver

/// What a stored `CREATE TABLE` says is read, written and read again without a loss, and the table that is made of what was
/// written does what the first one does.
@Suite struct DefinitionTests {
    static let nasty: [String] = [
        "CREATE TABLE t (a)",
        "CREATE TABLE t (a, b INT, c VARCHAR(10), d DECIMAL(10, 2), e DOUBLE PRECISION)",
        "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT)",
        "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b)",
        "CREATE TABLE t (a INTEGER, b, PRIMARY KEY (a DESC))",
        "CREATE TABLE t (a INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE, b UNIQUE ON CONFLICT IGNORE)",
        "CREATE TABLE t (a, b INTEGER, PRIMARY KEY (b AUTOINCREMENT))",
        "CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT, CONSTRAINT k PRIMARY KEY (a, b COLLATE RTRIM DESC) ON CONFLICT FAIL)",
        "CREATE TABLE t (a TEXT PRIMARY KEY, b INT NOT NULL ON CONFLICT IGNORE) WITHOUT ROWID",
        "CREATE TABLE t (a INT PRIMARY KEY, b ANY, c BLOB, d REAL, e TEXT) STRICT, WITHOUT ROWID",
        "CREATE TABLE t (a INT, b ANY) STRICT",
        "CREATE TABLE t (a INT CONSTRAINT named NOT NULL DEFAULT -1.5e3, b TEXT DEFAULT 'it''s' NULL, c DEFAULT (1 + 2), d DEFAULT +7)",
        "CREATE TABLE t (a DEFAULT CURRENT_TIMESTAMP, b DEFAULT TRUE, c DEFAULT x'00ff', d DEFAULT NULL, e DEFAULT foo)",
        "CREATE TABLE t (a, b DEFAULT 1 COLLATE NOCASE UNIQUE CHECK (b > 0) NOT NULL)",
        "CREATE TABLE t (a INT CHECK (a > 0 -- not less\n AND a < 9), b, CONSTRAINT both CHECK (a IS NOT b), CHECK (length(b) < 5))",
        "CREATE TABLE t (a, b, UNIQUE (a) UNIQUE (b, a) CHECK (a) CONSTRAINT x CHECK (b <> '),('))",
        "CREATE TABLE t (a INT, b INT AS (a + 1), c GENERATED ALWAYS AS (a || ')') STORED UNIQUE, d TEXT GENERATED ALWAYS AS (a) VIRTUAL)",
        "CREATE TABLE t (a REFERENCES p, b CONSTRAINT fk REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL NOT NULL)",
        "CREATE TABLE t (a REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED, b REFERENCES p (id) NOT DEFERRABLE, c REFERENCES p NOT NULL DEFERRABLE INITIALLY IMMEDIATE)",
        "CREATE TABLE t (a, b, CONSTRAINT two FOREIGN KEY (a, b) REFERENCES q (x, y) MATCH FULL ON DELETE NO ACTION DEFERRABLE, FOREIGN KEY (a) REFERENCES t (b))",
        "CREATE TABLE t ('a b' TEXT, \"c\"\"d\" INT, [e f] \"my type\", `g``h` UNSIGNED BIG INT (1, 2) UNIQUE)",
        "CREATE TABLE t (\"order\" TEXT, key TEXT, 'check' INT CHECK (\"check\" > 0), generated INT, always)",
        "create table t(a int not null,b text collate nocase/* , */,primary key(a,b),check(a<>b))without rowid",
        "CREATE TABLE t (a CHECK (a IN ('CHECK (b)', \"b\")), b) -- the end",
    ]

    private let connection: SQLiteConnection

    init() throws {
        connection = try SQLiteConnection(path: ":memory:")
        // As most programs that make tables have it.
        try connection.set(.stringsInDefinitions, true)
        try connection.execute(
            "PRAGMA foreign_keys = OFF; CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (x, y, UNIQUE (x, y))"
        )
    }

    private func stored(_ name: String) throws -> String {
        try connection.query("SELECT sql FROM sqlite_schema WHERE name = ?1", [.text(name)]).scalar?.text
            ?? ""
    }

    @Test(arguments: nasty)
    func readingWhatWasWrittenGivesTheSame(_ script: String) throws {
        try connection.execute(script)
        let first = try SQLiteDefinition(stored("t"))
        let before = try #require(try connection.introspect()["t"])
        #expect(try SQLiteDefinition(first.sql(named: "t")) == first)
        try connection.execute("DROP TABLE t")
        try connection.execute(first.sql(named: "t"))
        #expect(try SQLiteDefinition(stored("t")) == first)
        var after = try #require(try connection.introspect()["t"])
        after.definition = before.definition
        #expect(after.facts == before.facts)
    }

    /// Rows of every kind, in every kind of statement: both tables take the same ones, refuse the same ones and end alike.
    @Test(arguments: nasty)
    func bothTablesBehaveAlike(_ script: String) throws {
        try connection.execute(script)
        let definition = try SQLiteDefinition(stored("t"))
        try connection.execute(definition.sql(named: "u").replacing("REFERENCES `t`", with: "REFERENCES `u`"))
        let columns = try #require(try connection.introspect()["t"]).columns.filter { $0.generated == nil }
        let values = ["NULL", "1", "2", "'a'", "'A'", "'a '", "-3", "1.5", "x'00'", "'2'"]
        var numbers = SystemRandomNumberGenerator()
        for round in 0..<200 {
            let row = columns.map { _ in values.randomElement(using: &numbers) ?? "NULL" }
            let list = columns.map { Dialect.sqlite.quote($0.name) }.joined(separator: ", ")
            let verb = ["INSERT", "INSERT OR IGNORE", "REPLACE", "INSERT OR FAIL"][round % 4]
            let isPartial = round % 7 == 0
            let tail = isPartial ? "DEFAULT VALUES" : "(\(list)) VALUES (\(row.joined(separator: ", ")))"
            let outcomes = ["t", "u"].map { table in
                do throws(SQLiteError) {
                    return
                        "\(try connection.query("\(isPartial ? "INSERT" : verb) INTO \(table) \(tail)").affectedRows)"
                } catch {
                    return "\(error.extendedCode)"
                }
            }
            #expect(outcomes[0] == outcomes[1], "\(verb) \(tail)")
        }
        #expect(try rows("t") == rows("u"))
        #expect(try !rows("t").isEmpty || script.contains("REFERENCES"))
    }

    private func rows(_ table: String) throws -> [[SQLValue]] {
        try connection.query("SELECT * FROM \(table)").rows
    }

    @Test(arguments: HostileNames.all)
    func hostileNamesComeBack(_ name: String) throws {
        let clauses: [SQLiteDefinition.Clause] = [
            .init(name: name, .notNull(conflict: nil)), .init(.unique(SQLiteKey())),
        ]
        let definition = SQLiteDefinition(
            columns: [.init(name: name, type: "TEXT", clauses: clauses)],
            constraints: [
                .init(name: name, .check("\(Dialect.sqlite.quote(name)) <> ''")),
                .init(
                    name: name,
                    .foreignKey(
                        SQLiteReference(
                            columns: [name], table: name, targets: [name], attributes: ["ON DELETE CASCADE"]))
                ),
            ])
        try connection.execute(definition.sql(named: name))
        #expect(try SQLiteDefinition(stored(name)) == definition)
    }

    @Test(arguments: [
        "CREATE VIRTUAL TABLE t USING fts5(a)", "CREATE VIEW v AS SELECT 1", "", "CREATE TABLE t",
    ])
    func whatIsNoDefinitionIsRefused(_ text: String) {
        #expect(throws: UnreadableDefinition.self) { _ = try SQLiteDefinition(text) }
    }
}

extension Table {
    /// All but the stored text and the texts of the CHECKs' spacing.
    fileprivate var facts: [String] {
        columns.map { "\($0)" } + ["\(primaryKey)", "\(isWithoutRowID)"] + uniqueConstraints.map { "\($0)" }
            + foreignKeys.map { "\($0)" } + checks.map { "\($0.name ?? "") \($0.columns.sorted())" }
    }
}
