import DoubleWrite
import MigrationCore
import TestSupport
import Testing

@testable import MigrationEngine

/// `guard: true`: what writers do who know the old shape only, at every stage, and what becomes of it.
@Suite struct GuardTests {
    /// A statement at a stage, the rows afterwards (or the word for its failure), and how many were counted.
    struct Example: Sendable, CustomTestStringConvertible {
        var stage: Stage
        var sql: String
        var rows: String
        var count: Int64
        var testDescription: String { "\(stage.rawValue): \(sql)" }

        init(_ stage: Stage, _ sql: String, _ rows: String, _ count: Int64) {
            self.stage = stage
            self.sql = sql
            self.rows = rows
            self.count = count
        }
    }

    private static func source(_ operation: MigrationCore.Operation) throws -> MigrationSource {
        try MigrationSource("0002_guarded", operation)
    }

    /// A database in which the change stands at a stage.
    private func database(
        _ dialect: Dialect, _ setUp: [String], _ operation: MigrationCore.Operation, at stage: Stage
    ) throws -> Scratch {
        let scratch = try Scratch(dialect)
        for statement in setUp { try scratch.run(statement) }
        let source = try Self.source(operation)
        let stop = Settings.alone.with { settings in
            settings.faults.strike = { moment, step in
                guard stage == .bothReadNew, moment == .beforeStep else { return }
                if step.contains("verify-old") || step.contains("flip-new") { throw TestSupportError("stop") }
            }
        }
        let phase = stage == .both ? Phase.expand : .transition
        _ = try? scratch.engine(stop).apply([source], through: phase)
        #expect(
            try scratch.run("SELECT stage FROM \(scratch.state("stages"))").scalar == .text(stage.rawValue))
        return scratch
    }

    private func check(
        _ example: Example, _ dialect: Dialect, _ setUp: [String], _ operation: MigrationCore.Operation,
        _ columns: String
    ) throws {
        let scratch = try database(dialect, setUp, operation, at: example.stage)
        do {
            try scratch.run(example.sql)
        } catch {
            let text = "\(error)"
            #expect((text.contains("cannot hold") ? "refused" : text) == example.rows)
            #expect(try scratch.strays() == 0)
            return
        }
        let rows = try scratch.run("SELECT \(columns) FROM animals ORDER BY id").rows.map { row in
            row.map { $0.text ?? $0.integer.map(String.init) ?? "NULL" }.joined(separator: "|")
        }
        #expect(rows.joined(separator: ", ") == example.rows)
        #expect(try scratch.strays() == example.count)
    }

    // MARK: - A rename

    static let renames: [Example] = [
        Example(.both, "UPDATE animals SET kind = 'cat'", "1|cat|cat", 1),
        Example(.both, "UPDATE animals SET kind = NULL", "1|NULL|NULL", 1),
        Example(.both, "UPDATE animals SET kind = 'dog'", "1|dog|dog", 0),
        Example(.both, "UPDATE animals SET kind = 'cat', species = 'cat'", "1|cat|cat", 0),
        Example(.both, "UPDATE animals SET id = 7", "7|dog|dog", 0),
        Example(
            .both, "INSERT INTO animals (id, kind) VALUES (2, 'cat'), (3, 'owl')",
            "1|dog|dog, 2|cat|cat, 3|owl|owl", 2),
        Example(.both, "INSERT INTO animals (id) VALUES (2)", "1|dog|dog, 2|NULL|NULL", 0),
        Example(
            .both, "INSERT INTO animals (id, kind, species) VALUES (2, 'cat', 'cat')", "1|dog|dog, 2|cat|cat",
            0),
        Example(.both, "DELETE FROM animals", "", 0),
        Example(.bothReadNew, "UPDATE animals SET kind = 'cat'", "1|cat|cat", 1),
        Example(.bothReadNew, "UPDATE animals SET kind = NULL", "1|NULL|NULL", 1),
        Example(.bothReadNew, "INSERT INTO animals (id, kind) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat", 1),
        Example(.bothReadNew, "UPDATE animals SET kind = 'cat', species = 'cat'", "1|cat|cat", 0),
        Example(.new, "UPDATE animals SET kind = 'cat'", "1|cat|cat", 1),
        Example(.new, "UPDATE animals SET kind = NULL", "1|NULL|NULL", 1),
        Example(.new, "UPDATE animals SET species = 'cat'", "1|dog|cat", 0),
        Example(.new, "INSERT INTO animals (id, kind) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat", 1),
        Example(.new, "INSERT INTO animals (id, species) VALUES (2, 'cat')", "1|dog|dog, 2|NULL|cat", 0),
        Example(.new, "INSERT INTO animals (id, species) VALUES (2, NULL)", "1|dog|dog, 2|NULL|NULL", 0),
        Example(.new, "UPDATE animals SET species = 'cat', kind = 'cat'", "1|cat|cat", 0),
        Example(
            .both,
            "INSERT INTO animals (id, kind) VALUES (1, 'cat') ON CONFLICT (id) DO UPDATE SET kind = 'owl'",
            "1|owl|owl", 1),
    ]

    @Test(arguments: renames)
    func aRename(example: Example) throws {
        for dialect in Dialect.allCases {
            let key = dialect == .postgres ? "bigint" : "INTEGER"
            var example = example
            // A trigger before the row fires for a row that is not inserted in the end, too.
            if dialect == .postgres, example.sql.contains("ON CONFLICT") { example.count = 2 }
            try check(
                example, dialect,
                [
                    "CREATE TABLE animals (id \(key) PRIMARY KEY, kind text)",
                    "INSERT INTO animals (id, kind) VALUES (1, 'dog')",
                ],
                .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species", isGuarded: true)),
                "id, kind, species")
        }
    }

    static let defaults: [Example] = [
        Example(.both, "INSERT INTO animals (id) VALUES (2)", "1|dog|dog, 2|cow|cow", 0),
        Example(.both, "INSERT INTO animals (id, kind) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat", 1),
        Example(.both, "INSERT INTO animals (id, kind) VALUES (2, NULL)", "1|dog|dog, 2|NULL|NULL", 1),
        Example(.new, "INSERT INTO animals (id, kind) VALUES (2, 'cat')", "1|dog|dog, 2|cat|cat", 1),
    ]

    @Test(arguments: defaults)
    func aRenameWithADefault(example: Example) throws {
        for dialect in Dialect.allCases {
            let key = dialect == .postgres ? "bigint" : "INTEGER"
            try check(
                example, dialect,
                [
                    "CREATE TABLE animals (id \(key) PRIMARY KEY, kind text DEFAULT 'cow')",
                    "INSERT INTO animals (id, kind) VALUES (1, 'dog')",
                ],
                .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species", isGuarded: true)),
                "id, kind, species")
        }
    }

    // MARK: - Several columns

    static let merges: [Example] = [
        Example(.both, "UPDATE animals SET given = 'Eve'", "Eve|Smith|Eve Smith", 1),
        Example(.bothReadNew, "UPDATE animals SET family = 'Jones'", "Anna|Jones|Anna Jones", 1),
        // Behind stage `new` the old columns that were not written are not true any more.
        Example(.new, "UPDATE animals SET name = 'Eve Jones'", "Anna|Smith|Eve Jones", 0),
        Example(.new, "UPDATE animals SET given = 'Ada', family = 'King'", "Ada|King|Ada King", 1),
    ]

    private static let merge = MigrationCore.Operation.mergeColumns(
        MergeColumns(
            table: "animals",
            from: [
                MergedColumn(
                    name: "given",
                    down: PerDialect(
                        postgres: "split_part(name, ' ', 1)",
                        sqlite: "substr(name, 1, instr(name || ' ', ' ') - 1)")),
                MergedColumn(
                    name: "family",
                    down: PerDialect(
                        postgres: "substr(name, length(split_part(name, ' ', 1)) + 2)",
                        sqlite: "substr(name, instr(name || ' ', ' ') + 1)")),
            ],
            to: DerivedColumn(
                definition: ColumnDefinition(name: "name", type: "text"), up: "given || ' ' || family"),
            isGuarded: true))

    private static func people(_ dialect: Dialect) -> [String] {
        [
            "CREATE TABLE animals (id \(dialect == .postgres ? "bigint" : "INTEGER") PRIMARY KEY, given text, family text)",
            "INSERT INTO animals (id, given, family) VALUES (1, 'Anna', 'Smith')",
        ]
    }

    @Test(arguments: merges)
    func aMerge(example: Example) throws {
        for dialect in Dialect.allCases {
            try check(example, dialect, Self.people(dialect), Self.merge, "given, family, name")
        }
    }

    /// One column of two is written when the other one has long been left behind.
    @Test(arguments: Dialect.allCases)
    func aPartOfAStaleRow(dialect: Dialect) throws {
        let scratch = try database(dialect, Self.people(dialect), Self.merge, at: .new)
        try scratch.run("UPDATE animals SET name = 'Anna Jones'")
        try scratch.run("UPDATE animals SET given = 'Eve'")
        #expect(try scratch.run("SELECT name FROM animals").scalar == "Eve Jones")
        #expect(try scratch.strays() == 1)
    }

    /// Behind stage `new` nobody counts any more, so what the new shape cannot hold is refused.
    @Test(arguments: Dialect.allCases)
    func aValueThatIsLost(dialect: Dialect) throws {
        let sql = "UPDATE animals SET given = 'Anna Maria'"
        try check(
            Example(.new, sql, "refused", 0), dialect, Self.people(dialect), Self.merge, "given")
        // Before, the count in front of the next flip finds it.
        let scratch = try database(dialect, Self.people(dialect), Self.merge, at: .both)
        try scratch.run(sql)
        let report = try scratch.engine(.alone).apply([Self.source(Self.merge)], through: .transition)
        #expect(report.exitCode == 3)
        #expect(try scratch.run("SELECT given FROM animals").scalar == "Anna Maria")
    }

    // MARK: - Values of another table, and those that a foreign key writes

    static let extracts: [Example] = [
        Example(.both, "UPDATE animals SET kind = 'owl'", "1|owl", 1),
        Example(
            .both, "INSERT INTO animals (id, kind) VALUES (2, 'emu'), (3, 'dog')", "1|dog, 2|emu, 3|dog", 2),
        Example(.bothReadNew, "UPDATE animals SET kind = NULL", "1|NULL", 1),
        Example(.new, "UPDATE animals SET kind = 'owl'", "1|owl", 1),
    ]

    @Test(arguments: extracts)
    func anExtractedTable(example: Example) throws {
        for dialect in Dialect.allCases {
            let operation = MigrationCore.Operation.extractTable(
                ExtractTable(table: "animals", column: "kind", into: "kinds", isGuarded: true))
            try check(
                example, dialect,
                [
                    "CREATE TABLE animals (id \(dialect == .postgres ? "bigint" : "INTEGER") PRIMARY KEY, kind text)",
                    "INSERT INTO animals (id, kind) VALUES (1, 'dog')",
                ],
                operation, "id, (SELECT k.kind FROM kinds AS k WHERE k.id = animals.kind_id)")
        }
    }

    /// Whoever may write the table needs no right to anything of ours, and cannot count as somebody else.
    @Test func aRoleThatMayOnlyWriteTheTable() throws {
        for operation in [
            MigrationCore.Operation.renameColumn(
                RenameColumn(table: "animals", from: "kind", to: "species", isGuarded: true)),
            .extractTable(ExtractTable(table: "animals", column: "kind", into: "kinds", isGuarded: true)),
        ] {
            let scratch = try Scratch(.postgres)
            let role = "clerk_\(operation.keyword)"
            try ThrowAwayPostgres.shared.makeRole(named: role, password: "secret")
            for statement in [
                "CREATE TABLE animals (id bigint PRIMARY KEY, kind text)",
                "INSERT INTO animals VALUES (1, 'dog')",
                "GRANT SELECT (id, kind), INSERT (id, kind) ON animals TO \(role)",
                "GRANT UPDATE (kind) ON animals TO \(role)",
            ] {
                try scratch.run(statement)
            }
            let source = try Self.source(operation)
            #expect(try scratch.engine(.alone).apply([source], through: .expand).exitCode == 0)
            let name = try #require(try scratch.run("SELECT current_database()").scalar?.text)
            let clerk = try PostgresSession(
                ThrowAwayPostgres.shared.location(database: name, user: role, password: "secret"),
                name: "desk")
            try clerk.execute("UPDATE animals SET kind = 'owl' WHERE id = 1")
            try clerk.execute("INSERT INTO animals (id, kind) VALUES (2, 'emu')")
            let strays = try scratch.engine().status([source]).strays
            #expect(strays.map(\.writes) == [2] && strays.map(\.role) == [role])
            #expect(strays.map(\.application) == ["desk"])
            #expect(throws: DatabaseFailure.self) {
                try clerk.execute("INSERT INTO bellows.stray_writes (change, role) VALUES ('x', 'boss')")
            }
            #expect(throws: DatabaseFailure.self) { try clerk.execute("DELETE FROM bellows.stray_writes") }
            #expect(try scratch.engine(.alone).apply([source], through: .contract).exitCode == 0)
        }
    }

    /// The database itself is no straggler: the copy of its foreign key writes the new column.
    @Test func whatAForeignKeyWritesIsNotCounted() throws {
        let scratch = try database(
            .postgres,
            [
                "CREATE TABLE kinds (name text PRIMARY KEY)", "INSERT INTO kinds VALUES ('dog'), ('owl')",
                "CREATE TABLE animals (id bigint PRIMARY KEY, kind text REFERENCES kinds ON UPDATE CASCADE ON DELETE SET NULL)",
                "INSERT INTO animals VALUES (1, 'dog'), (2, 'owl')",
            ],
            .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species", isGuarded: true)),
            at: .both)
        try scratch.run("UPDATE kinds SET name = 'hound' WHERE name = 'dog'")
        try scratch.run("DELETE FROM kinds WHERE name = 'owl'")
        #expect(
            try scratch.run("SELECT kind, species FROM animals ORDER BY id").rows
                == [["hound", "hound"], [.null, .null]])
        #expect(try scratch.strays() == 0)
        try scratch.run("UPDATE animals SET kind = 'hound' WHERE id = 2")
        #expect(try scratch.strays() == 1)
        // The way there and back, on which the column with the key is emptied.
        let source = try Self.source(
            .renameColumn(RenameColumn(table: "animals", from: "kind", to: "species", isGuarded: true)))
        #expect(try scratch.engine(.alone).apply([source], through: .transition).exitCode == 0)
        #expect(try scratch.engine(.alone).rollback([source]).exitCode == 0)
        #expect(
            try scratch.run("SELECT kind FROM animals ORDER BY id").rows == [["hound"], ["hound"]])
    }
}

extension Scratch {
    /// How many writes of the old shape alone were counted.
    func strays() throws -> Int64 {
        try run("SELECT count(*) FROM \(state("stray_writes"))").scalar?.integer ?? 0
    }
}
