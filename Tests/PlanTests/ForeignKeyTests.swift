import DoubleWrite
import MigrationCore
import Testing

/// Foreign keys by which the database itself writes or deletes rows: never by a value that is no longer true.
@Suite struct ForeignKeyTests {
    private static let setUp = [
        "CREATE TABLE owners (id integer PRIMARY KEY)", "INSERT INTO owners SELECT generate_series(1, 5)",
        """
        CREATE TABLE animals (id integer PRIMARY KEY,
            owner integer DEFAULT 1 REFERENCES owners ON DELETE CASCADE ON UPDATE CASCADE)
        """,
        "INSERT INTO animals SELECT i, i FROM generate_series(1, 5) i",
    ]

    private func walk() throws -> (TestDatabase, [Step]) {
        let database = try TestDatabase(.postgres, Self.setUp)
        let rename = RenameColumn(table: "animals", from: "owner", to: "keeper")
        let plan = try Planner(dialect: .postgres).plan(
            Migration(name: "m", operations: [.renameColumn(rename)]), schema: database.schema())
        return (database, plan.steps.map(\.step))
    }

    private func run(_ steps: some Sequence<Step>, _ database: TestDatabase) throws {
        for step in steps { try PlanRun(database: database).run(step) }
    }

    private func animals(_ database: TestDatabase, _ column: String) throws -> [[SQLValue]] {
        try database.run("SELECT id, \(column) FROM animals ORDER BY id").rows
    }

    @Test("from the expand on, an action reaches both columns")
    func actionsReachBoth() throws {
        let (database, steps) = try walk()
        try run(steps.prefix { $0.kind != .verify }, database)
        try database.run("UPDATE owners SET id = 10 WHERE id = 1")
        try database.run("DELETE FROM owners WHERE id = 2")
        #expect(try animals(database, "owner") == animals(database, "keeper"))
        #expect(try animals(database, "keeper").first == [1, 10])
    }

    @Test("while only the new column is written, the old one's stale values delete nothing")
    func staleValuesActOnNothing() throws {
        let (database, steps) = try walk()
        try run(steps.prefix { $0.id != "1.contract.retire" }, database)
        // Animal 1 moves to owner 5; its old column still says 1.
        try database.run("UPDATE animals SET keeper = 5 WHERE id = 1")
        try database.run("DELETE FROM owners WHERE id = 1")
        #expect(try animals(database, "keeper").first == [1, 5])
    }

    @Test("on the way back, a stale value deletes nothing either, at any step")
    func wayBack() throws {
        let (_, all) = try walk()
        let undo = try #require(all.first { $0.id == "1.transition.flip-new" }).undo
        for stop in 0...undo.count {
            let (database, steps) = try walk()
            try run(steps.prefix { $0.id != "1.contract.retire" }, database)
            try database.run("UPDATE animals SET keeper = 5 WHERE id = 1")
            try run(undo.prefix(stop), database)
            try database.run("DELETE FROM owners WHERE id = 1")
            #expect(try animals(database, "keeper").first == [1, 5], "after \(stop) steps of the undo")
            try run(undo.dropFirst(stop), database)
            #expect(
                try animals(database, "owner") == animals(database, "keeper"),
                "after \(stop) steps of the undo")
        }
    }
}
