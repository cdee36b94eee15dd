import DoubleWrite
import MigrationCore
import Testing

/// An operation on a database, and what the same database looks like when it is made by hand.
struct OperationScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var dialect: Dialect
    /// Makes the database.
    var setUp: [String]
    var operation: MigrationCore.Operation
    /// Makes of it what the operation makes.
    var directly: [String]
    /// What all the rows are, by a query that works before as after.
    var rows: String?
    /// Whether the rows are the operation's to change.
    var changesRows = false

    var testDescription: String { "\(dialect.rawValue): \(name)" }
}

extension OperationScenario {
    var migration: Migration { Migration(name: "m", operations: [operation]) }

    /// Forth, compared with what was made directly and with what the planner says from files alone; then back from
    /// behind each step, compared with the beginning, and forth again.
    func check() throws {
        let database = try TestDatabase(dialect, setUp + directly)
        let target = try database.schema()
        try database.reset(setUp)
        let before = try database.schema()
        let planner = Planner(dialect: dialect)
        let plan = try planner.plan(migration, schema: before)
        _ = try planner.proven(plan, of: migration, from: before)
        try runProbes(of: plan, on: database)
        let (run, rowsBefore) = (PlanRun(database: database), try allRows(database))
        for (_, step) in plan.steps { try run.run(step) }
        expectSame(try database.schema(), target, "forth")
        var said = try planner.schema(after: migration, from: before)
        said.normalize()
        #expect(try database.schema().shapes.symmetricDifference(said.shapes).sorted() == [], "said")
        if !changesRows { #expect(try allRows(database) == rowsBefore) }

        let reversible = plan.steps.map(\.step).prefix { $0.isReversible }
        for end in reversible.indices {
            try database.reset(setUp)
            for step in reversible[...end] { try run.run(step) }
            for step in reversible[...end].reversed() { for undo in step.undo { try run.run(undo) } }
            expectSame(try database.schema(), before, "back from behind \(reversible[end].id)")
            if !changesRows { #expect(try allRows(database) == rowsBefore) }
            for (_, step) in plan.steps { try run.run(step) }
            #expect(
                difference(try database.schema(), target) == "", "forth again after \(reversible[end].id)")
        }
    }

    private func expectSame(_ actual: Schema, _ expected: Schema, _ when: String) {
        let found = difference(actual, expected)
        #expect(found == "", "\(when): \(found)")
    }

    private func runProbes(of plan: Plan, on database: TestDatabase) throws {
        for probe in plan.probes {
            try database.run("BEGIN")
            for statement in probe.statements { try database.run(statement) }
            try database.run("ROLLBACK")
        }
    }

    private func allRows(_ database: TestDatabase) throws -> [[SQLValue]] {
        try rows.map { try database.run($0).rows } ?? []
    }
}

@Suite struct OperationScenarioTests {
    @Test(arguments: OperationScenario.postgres)
    func postgres(scenario: OperationScenario) throws { try scenario.check() }

    @Test(arguments: OperationScenario.sqlite)
    func sqlite(scenario: OperationScenario) throws { try scenario.check() }

    @Test(arguments: HostileTable.all)
    func hostileNames(scenario: OperationScenario) throws { try scenario.check() }
}
