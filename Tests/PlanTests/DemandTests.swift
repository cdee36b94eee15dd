import DoubleWrite
import MigrationCore
import Testing

/// Rows that break what is about to be demanded are counted, exactly those, before anything changes.
@Suite struct DemandTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var operation: MigrationCore.Operation
        /// The rows that break it, by their numbers.
        var broken: [Int64]
        var testDescription: String { name }
    }

    private static let setUp = [
        "CREATE TABLE owners (id bigint PRIMARY KEY, a text, b text, UNIQUE (a, b))",
        "INSERT INTO owners VALUES (1, 'x', 'y'), (2, 'x', 'z')",
        """
        CREATE TABLE animals (id bigint PRIMARY KEY, kind text, age integer, owner bigint, a text, b text, boss bigint)
        """,
        """
        INSERT INTO animals VALUES (1, 'dog', 3, 1, 'x', 'y', 4), (2, 'dog', NULL, NULL, 'x', NULL, 9),
            (3, NULL, -1, 9, 'x', 'q', NULL), (4, NULL, 4, 2, NULL, NULL, 4), (5, 'cat', 4, 1, 'x', 'z', 1)
        """,
    ]

    static let cases = [
        Case(
            name: "CHECK",
            operation: .addCheck(AddCheck(table: "animals", name: "c", check: "age > 3 -- \"years\"")),
            broken: [1, 3]),
        Case(
            name: "foreign key",
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "f", columns: ["owner"], target: ForeignKeyTarget(table: "owners")
                )),
            broken: [3]),
        Case(
            name: "foreign key over two columns",
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "f", columns: ["b", "a"],
                    target: ForeignKeyTarget(table: "owners", columns: ["b", "a"]))),
            broken: [3]),
        Case(
            name: "foreign key to itself",
            operation: .addForeignKey(
                AddForeignKey(
                    table: "animals", name: "f", columns: ["boss"], target: ForeignKeyTarget(table: "animals")
                )),
            broken: [2]),
        Case(
            name: "UNIQUE", operation: .addUnique(AddUnique(table: "animals", name: "u", columns: ["kind"])),
            broken: [1, 2]),
        Case(
            name: "UNIQUE over two columns",
            operation: .addUnique(AddUnique(table: "animals", name: "u", columns: ["owner", "a"])),
            broken: [1, 5]),
        Case(
            name: "NOT NULL", operation: .setNotNull(SetNotNull(table: "animals", column: "kind")),
            broken: [3, 4]),
    ]

    @Test(arguments: cases)
    func counted(example: Case) throws {
        let database = try TestDatabase(.postgres, Self.setUp)
        let before = try database.schema()
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "m", operations: [example.operation]), schema: before)
        let (phase, step) = try #require(plan.steps.first)
        guard case .verify(let verification) = step.action else {
            Issue.record("the first step is \(step.kind)")
            return
        }
        #expect(phase == .doubleWrite)
        let violations = verification.invariants.map { "(\($0.violation))" }.joined(separator: " OR ")
        let rows = try database.run("SELECT id FROM animals WHERE \(violations) ORDER BY id").rows
        #expect(rows == example.broken.map { [.integer($0)] })
        #expect(verification.sampleColumns.first == "id" && verification.sampleColumns.count > 1)
        // Only the rows that are good make it through; those that are not stop the constraint itself.
        #expect(throws: (any Error).self) {
            for (_, step) in plan.steps where step.kind == .schema {
                try PlanRun(database: database).run(step)
            }
        }
        try database.reset(Self.setUp)
        try database.run("DELETE FROM animals WHERE \(violations)")
        for (_, step) in plan.steps { try PlanRun(database: database).run(step) }
    }

    /// A key needs both: values, and each once.
    @Test func aKeyCountsBoth() throws {
        let database = try TestDatabase(
            .postgres,
            [
                "CREATE TABLE t (a integer, b integer)",
                "INSERT INTO t VALUES (1, 1), (1, 1), (NULL, 2), (3, NULL), (4, 4)",
            ])
        let plan = try Planner(dialect: .postgres).plan(
            Migration(
                name: "m", operations: [.addPrimaryKey(AddPrimaryKey(table: "t", columns: ["a", "b"]))]),
            schema: database.schema())
        guard case .verify(let verification) = try #require(plan.steps.first).step.action else { return }
        #expect(try database.run(verification.countStatement(.postgres)).rows == [[1, 1, 2]])
        #expect(verification.sampleColumns == ["a", "b"])
    }

    /// Where NULLs are alike they are counted as such before the constraint comes back.
    @Test func nullsThatAreAlike() throws {
        let database = try TestDatabase(
            .postgres,
            [
                "CREATE TABLE t (id integer PRIMARY KEY, a integer, b text, CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a, b))",
                "INSERT INTO t VALUES (1, NULL, 'x'), (2, NULL, NULL), (3, 1, '')",
            ])
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "m", operations: [.dropConstraint(DropConstraint(table: "t", name: "u"))]),
            schema: database.schema())
        let drop = try #require(plan.steps.map(\.step).first { $0.kind == .schema })
        try PlanRun(database: database).run(drop)
        try database.run("INSERT INTO t VALUES (4, NULL, NULL), (5, NULL, ''), (6, 1, '')")
        let counts = drop.undo.compactMap { step -> Verification? in
            if case .verify(let verification) = step.action { verification } else { nil }
        }
        #expect(try database.run(try #require(counts.first).countStatement(.postgres)).rows == [[4]])
    }
}

/// What the database says of the user's SQL before anything runs.
@Suite struct ProbeTests {
    static let wrong: [(MigrationCore.Operation, String, String)] = [
        (.addCheck(AddCheck(table: "t", name: "c", check: "nope > 1")), "add_check.check", "nope"),
        (.addCheck(AddCheck(table: "t", name: "c", check: "a + 1")), "add_check.check", "boolean"),
        (.addCheck(AddCheck(table: "t", name: "c", check: "a > (SELECT 1)")), "add_check.check", "subquery"),
        (.addCheck(AddCheck(table: "t", name: "c", check: "a >")), "add_check.check", "syntax"),
        (
            .setDefault(SetDefault(table: "t", column: "a", defaultValue: "'x'")), "set_default.default",
            "integer"
        ),
        (
            .setDefault(SetDefault(table: "t", column: "a", defaultValue: "b::int")), "set_default.default",
            "column"
        ),
        (
            .setDefault(SetDefault(table: "t", column: "a", defaultValue: "now()")), "set_default.default",
            "type"
        ),
        (.setNotNull(SetNotNull(table: "t", column: "a", fill: "b")), "set_not_null.fill", "type"),
        (.setNotNull(SetNotNull(table: "t", column: "a", fill: "missing")), "set_not_null.fill", "missing"),
    ]

    @Test func eachIsRefusedByTheDatabase() throws {
        let database = try TestDatabase(
            .postgres,
            [
                "CREATE TYPE mood AS ENUM ('x')",
                "CREATE TABLE t (a integer, b text COLLATE \"C\", m mood, n mood[])",
            ])
        for (operation, path, word) in Self.wrong {
            let plan = try Planner(dialect: .postgres).plan(
                Migration(name: "m", operations: [operation]), schema: database.schema())
            let probe = try #require(plan.probes.first)
            #expect(probe.path == "operations[0].\(path)")
            try database.run("BEGIN")
            let error = #expect(throws: TestDatabase.Failure.self) {
                for statement in probe.statements { try database.run(statement) }
            }
            try database.run("ROLLBACK")
            #expect(error?.error.contains(word) == true, "\(error?.error ?? "")")
        }
    }

    /// The database does not know a type yet that the same file makes.
    @Test func aTypeOfTheSameFileIsNotProbed() throws {
        let table = CreateTable(table: "t", columns: [ColumnDefinition(name: "m", type: "mood")])
        let plan = try Planner(dialect: .postgres).plan(
            Migration(
                name: "m",
                operations: [
                    .createEnum(CreateEnum(name: "mood", values: ["calm"])), .createTable(table),
                    .setDefault(SetDefault(table: "t", column: "m", defaultValue: "'calm'")),
                ]), schema: Schema(dialect: .postgres))
        #expect(plan.probes.isEmpty)
    }
}
