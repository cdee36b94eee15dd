import DoubleWrite
import MigrationCore
import Testing

/// Changes of type that PostgreSQL makes in its catalogue alone.
@Suite struct InPlaceTypeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var from: String
        var to: String
        /// Fits into both types.
        var value: String
        /// Fits into the new type only.
        var wide: String

        var testDescription: String { "\(from) to \(to)" }
    }

    static let all: [Case] = [
        Case(from: "varchar(3)", to: "character varying(5)", value: "'abc'", wide: "'abcd'"),
        Case(from: "varchar(3)", to: "text", value: "'abc'", wide: "'abc '"),
        Case(from: "varchar(3)", to: "varchar", value: "'abc'", wide: "'abcd'"),
        Case(from: "numeric(4,2)", to: "numeric(6,2)", value: "12.30", wide: "1234.50"),
        Case(from: "numeric(4,2)", to: "decimal", value: "12.30", wide: "1.234"),
        Case(from: "bit varying(3)", to: "varbit(5)", value: "B'101'", wide: "B'1010'"),
        Case(from: "cidr", to: "inet", value: "'10.0.0.0/8'", wide: "'10.0.0.1/8'"),
        Case(
            from: "timestamp(0)", to: "timestamp(3)", value: "'2020-01-01'", wide: "'2020-01-01 00:00:00.5'"),
        Case(
            from: "timestamptz(3)", to: "timestamptz", value: "'2020-01-01Z'",
            wide: "'2020-01-01 00:00:00.5555Z'"),
        Case(from: "interval(0)", to: "interval", value: "'1 s'", wide: "'1.5 s'"),
    ]

    private func plan(_ example: Case, _ database: TestDatabase) throws -> Plan {
        let operation = ChangeType(table: "t", column: "n", type: PerDialect(example.to))
        return try Planner(dialect: .postgres).plan(
            Migration(name: "0002_type", operations: [.changeType(operation)]), schema: database.schema())
    }

    private func files(_ database: TestDatabase) throws -> [[SQLValue]] {
        try database.run(
            "SELECT relname::text, relfilenode::bigint FROM pg_class WHERE relname IN ('t', 'ns', 't_n_key') ORDER BY 1"
        ).rows
    }

    @Test(arguments: all)
    func nothingIsWrittenAnew(example: Case) throws {
        let database = try TestDatabase(
            .postgres,
            [
                "CREATE TABLE t (id bigint PRIMARY KEY, n \(example.from) UNIQUE NOT NULL DEFAULT \(example.value))",
                "CREATE INDEX ns ON t (n, id)", "INSERT INTO t VALUES (1)",
            ])
        let before = try database.schema()
        let files = try files(database)
        let plan = try plan(example, database)
        let steps = plan.steps.map(\.step)
        #expect(steps.map(\.id) == ["1.expand.change-type"])
        try PlanRun(database: database).run(steps[0])
        #expect(try self.files(database) == files)
        let said = try Planner(dialect: .postgres).schema(
            after: Migration(
                name: "m",
                operations: [.changeType(ChangeType(table: "t", column: "n", type: PerDialect(example.to)))]),
            from: before)
        #expect(try database.schema()["t"]?.column("n")?.type == said["t"]?.column("n")?.type)

        // A value that has no room any more ends the way back, and is not cut off.
        try database.run("INSERT INTO t VALUES (2, \(example.wide))")
        let rows = try database.run("SELECT n::text FROM t ORDER BY id").rows
        #expect(throws: PlanRun.Failure.self) { try PlanRun(database: database).run(steps[0].undo[1]) }
        #expect(try database.run("SELECT n::text FROM t ORDER BY id").rows == rows)
        try database.run("DELETE FROM t WHERE id = 2")
        for undo in steps[0].undo { try PlanRun(database: database).run(undo) }
        #expect(difference(try database.schema(), before) == "")
    }

    /// What is not in the list, and what on the column would be read or built under the lock.
    @Test func whatIsDoneByWayOfASecondColumn() throws {
        let pairs = [
            ("varchar(5)", "varchar(3)"), ("numeric(4,2)", "numeric(6,3)"), ("timestamp", "timestamptz"),
            ("integer", "bigint"), ("char(3)", "char(5)"), ("interval", "interval(0)"),
        ]
        for (from, to) in pairs {
            let database = try TestDatabase(.postgres, ["CREATE TABLE t (id bigint PRIMARY KEY, n \(from))"])
            let plan = try plan(Case(from: from, to: to, value: "", wide: ""), database)
            #expect(plan.steps.count > 5, "\(from) to \(to)")
        }
        let extras = ["ALTER TABLE t ADD CONSTRAINT c CHECK (n <> '')", "CREATE INDEX x ON t (lower(n))"]
        for (extra, word) in zip(extras, ["CHECK 'c'", "index 'x'"]) {
            let database = try TestDatabase(
                .postgres, ["CREATE TABLE t (id bigint PRIMARY KEY, n varchar(3))", extra])
            let plan = try plan(Case(from: "", to: "varchar(9)", value: "", wide: ""), database)
            #expect(plan.steps.count > 5)
            #expect(plan.warnings.contains { $0.contains(word) }, "\(plan.warnings)")
        }
    }
}
