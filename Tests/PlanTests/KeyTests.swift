import DoubleWrite
import MigrationCore
import Testing

/// The case that every team meets once: integer keys, with what counts them and what refers to them, become bigint.
@Suite struct KeyTests {
    static let setUp = [
        "CREATE TABLE owners (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)",
        "INSERT INTO owners (name) SELECT 'o' || i FROM generate_series(1, 5) i",
        """
        CREATE TABLE animals (id serial CONSTRAINT "the key" PRIMARY KEY, owner integer NOT NULL DEFAULT 1
            REFERENCES owners ON DELETE CASCADE ON UPDATE CASCADE, mother integer REFERENCES animals (id))
        """,
        "CREATE INDEX animals_owner_idx ON animals (owner)",
        "INSERT INTO animals (owner, mother) SELECT i, CASE WHEN i > 1 THEN i - 1 END FROM generate_series(1, 5) i",
        // A number that was given by hand, above the sequence.
        "INSERT INTO animals (id, owner) VALUES (77, 5)",
    ]

    static let columns = [("owners", "id"), ("animals", "id"), ("animals", "owner"), ("animals", "mother")]

    static func migration(_ order: [Int]) -> Migration {
        Migration(
            name: "0002_keys",
            operations: order.map { index in
                let (table, column) = columns[index]
                return .changeType(ChangeType(table: TableName(table), column: column, type: "bigint"))
            })
    }

    /// A serial's sequence is left at its type by the server.
    private static let directly =
        columns.map { "ALTER TABLE \($0) ALTER \($1) TYPE bigint" } + [
            "ALTER SEQUENCE animals_id_seq AS bigint"
        ]

    /// Writes an owner and an animal of hers as a writer does that follows the stages.
    private func write(_ number: Int, into database: TestDatabase) throws {
        try insert(into: "owners", ["id": 100 + number], database)
        try insert(into: "animals", ["id": 200 + number, "owner": 100 + number, "mother": 77], database)
    }

    private func insert(into table: String, _ values: [String: Int], _ database: TestDatabase) throws {
        var columns: [(String, Int)] = []
        for (column, value) in values.sorted(by: { $0.key < $1.key }) {
            let shadow = Dialect.postgres.shadowName(of: column)
            switch try database.stage(of: ChangeID(table: TableName(table), column: column)) ?? .old {
            case .old, .done: columns.append((column, value))
            case .both, .bothReadNew: columns += [(column, value), (shadow, value)]
            case .new: columns.append((shadow, value))
            }
        }
        try database.run(
            "INSERT INTO \(table) (\(columns.map(\.0).joined(separator: ", "))) OVERRIDING SYSTEM VALUE "
                + "VALUES (\(columns.map { "\($0.1)" }.joined(separator: ", ")))")
    }

    private func rows(_ database: TestDatabase) throws -> [[SQLValue]] {
        try database.run(
            "SELECT a.id, a.owner, a.mother, o.id, pg_typeof(a.id)::text FROM owners o LEFT JOIN animals a ON a.owner = o.id "
                + "ORDER BY o.id, a.id"
        ).rows
    }

    private func oracle(_ count: Int, directly: [String] = []) throws -> TestDatabase {
        let oracle = try TestDatabase(.postgres, Self.setUp)
        for number in 0..<count { try write(number, into: oracle) }
        for statement in directly { try oracle.run(statement) }
        return oracle
    }

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
    func forward(order: [Int]) throws {
        let database = try TestDatabase(.postgres, Self.setUp)
        let plan = try Planner(dialect: .postgres).provenPlan(
            Self.migration(order), schema: database.schema())
        try database.probe(plan.probes)
        var written = 0
        for (_, step) in plan.steps {
            try PlanRun(database: database).run(step)
            guard step.flip != nil else { continue }
            try write(written, into: database)
            written += 1
        }
        let oracle = try oracle(written, directly: Self.directly)
        #expect(difference(try database.schema(), try oracle.schema()) == "")
        #expect(try rows(database) == rows(oracle))
        // Every sequence is above every value, and counts beyond what an integer holds.
        try database.run("INSERT INTO owners (name) VALUES ('next')")
        try database.run("INSERT INTO animals (owner) VALUES (1)")
        let most = try database.run(
            "SELECT (SELECT max(id) FROM owners WHERE name IS NULL) < (SELECT id FROM owners WHERE name = 'next'), "
                + "(SELECT max(id) FROM animals) > 77, (SELECT count(DISTINCT id) = count(*) FROM animals), "
                + "(SELECT bool_and(seqtypid = 'bigint'::regtype) FROM pg_sequence), (SELECT count(*) FROM pg_sequence)"
        )
        #expect(most.rows == [[true, true, true, true, 2]])
        // Who deletes an owner deletes her animals, by the key that is there now.
        try database.run("UPDATE animals SET mother = NULL")
        try database.run("DELETE FROM owners WHERE id = 5")
        #expect(try database.run("SELECT count(*) FROM animals WHERE owner = 5").scalar == 0)
    }

    @Test func undoFromEverywhere() throws {
        let database = try TestDatabase(.postgres, Self.setUp)
        let schema = try database.schema()
        let plan = try Planner(dialect: .postgres).plan(Self.migration([0, 1, 2, 3]), schema: schema)
        let steps = plan.steps.map(\.step).prefix { $0.isReversible }
        for end in 1...steps.count {
            try database.reset(Self.setUp)
            var written = 0
            for step in steps.prefix(end) + steps.prefix(end).reversed().flatMap(\.undo) {
                try PlanRun(database: database).run(step)
                guard step.flip != nil, written < 40 else { continue }
                try write(written, into: database)
                written += 1
            }
            #expect(
                difference(try database.schema(), schema) == "", "undone from behind \(steps[end - 1].id)")
            #expect(try rows(database) == rows(oracle(written)), "undone from behind \(steps[end - 1].id)")
            let next = try database.run("INSERT INTO owners (name) VALUES ('next') RETURNING id").scalar
            #expect(next?.integer ?? 0 > 5)
        }
    }

    @Test("no two steps are called alike, there or back, and none by a hidden name")
    func titles() throws {
        let database = try TestDatabase(.postgres, Self.setUp)
        let plan = try Planner(dialect: .postgres).plan(
            Self.migration([0, 1, 2, 3]), schema: database.schema())
        let steps = plan.steps.map(\.step).flatMap { [$0] + $0.undo }
        let alike = Dictionary(grouping: steps, by: \.title).filter { $1.count > 1 }.mapValues {
            $0.map(\.id)
        }
        #expect(alike == [:])
        #expect(steps.map(\.title).filter { $0.contains("_bellows_") } == [])
        #expect(Set(steps.map(\.id)).count == steps.count)
    }

    @Test func whatRefersToItMustCome() throws {
        let database = try TestDatabase(.postgres, Self.setUp)
        let schema = try database.schema()
        let problems = #expect(throws: PlanningProblems.self) {
            try Planner(dialect: .postgres).plan(Self.migration([0, 1, 3]), schema: schema)
        }
        let messages = problems?.problems.map(\.message) ?? []
        #expect(messages.count == 1)
        #expect(messages.first?.contains("column 'owner' of 'animals'") == true, "\(messages)")
        #expect(messages.first?.contains("type: bigint }") == true)
    }
}
