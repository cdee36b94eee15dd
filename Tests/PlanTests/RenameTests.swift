import DoubleWrite
import MigrationCore
import Testing

/// Plans of renames, run for real.
@Suite struct RenameTests {
    @Test(
        "carried through, the table is as the planner says, and as a rename in place leaves it",
        arguments: RenameScenario.all)
    func forward(scenario: RenameScenario) throws {
        let database = try TestDatabase(scenario.dialect, scenario.setUp)
        let oracle = try TestDatabase(scenario.dialect)
        let before = try database.schema()
        let planner = Planner(dialect: scenario.dialect)
        let plan = try planner.provenPlan(scenario.migration, schema: before)
        #expect(plan.unresolved.isEmpty)

        var walk = try Walk(scenario: scenario, database: database, oracle: oracle)
        for (_, step) in plan.steps { try walk.run(step) }

        #expect(try database.stage(of: scenario.rename.changeID) == .done)
        #expect(try walk.rows(column: scenario.rename.to) == walk.expectedRows())
        var said = try planner.schema(after: scenario.migration, from: before)
        said.normalize()
        let after = try database.schema()
        #expect(difference(after, said) == "")

        let table = scenario.dialect.quote(scenario.rename.table)
        try oracle.reset(scenario.setUp)
        try oracle.run(
            "ALTER TABLE \(table) RENAME COLUMN \(scenario.dialect.quote(scenario.rename.from)) "
                + "TO \(scenario.dialect.quote(scenario.rename.to))")
        #expect(difference(after, try oracle.schema()) == "")
    }

    @Test(
        "undone from behind every step, the table is as before and has every row",
        arguments: RenameScenario.all)
    func undoFromEverywhere(scenario: RenameScenario) throws {
        let database = try TestDatabase(scenario.dialect, scenario.setUp)
        let oracle = try TestDatabase(scenario.dialect)
        let schema = try database.schema()
        let plan = try Planner(dialect: scenario.dialect).plan(scenario.migration, schema: schema)
        let steps = plan.steps.map(\.step).prefix { $0.isReversible }
        let isQuick = RenameScenario.hostile.contains { $0.name == scenario.name }
        let ends = isQuick ? [steps.count] : Array(1...steps.count)
        for end in ends {
            try database.reset(scenario.setUp)
            var walk = try Walk(scenario: scenario, database: database, oracle: oracle)
            for step in steps.prefix(end) { try walk.run(step) }
            for step in steps.prefix(end).reversed() {
                for undo in step.undo { try walk.run(undo) }
            }
            let stage = try database.stage(of: scenario.rename.changeID)
            #expect(stage == .old || stage == nil)
            #expect(
                difference(try database.schema(), schema) == "", "undone from behind \(steps[end - 1].id)")
            #expect(
                try walk.rows(column: scenario.rename.from) == walk.expectedRows(),
                "undone from behind \(steps[end - 1].id)")
        }
    }
}

/// A plan being run, with a writer that writes a row whenever the stage has changed.
private struct Walk {
    let scenario: RenameScenario
    let database: TestDatabase
    let oracle: TestDatabase
    private var written: [(id: Int, value: String)] = []
    private var stage: Stage?
    private let before: [[SQLValue]]

    init(scenario: RenameScenario, database: TestDatabase, oracle: TestDatabase) throws {
        self.scenario = scenario
        self.database = database
        self.oracle = oracle
        before = try scenario.rows(database, column: scenario.rename.from)
    }

    mutating func run(_ step: Step) throws {
        try PlanRun(database: database).run(step)
        let now = try database.stage(of: scenario.rename.changeID) ?? .old
        guard now != stage else { return }
        stage = now
        // Every value is used once: some are unique.
        guard written.count < scenario.values.count else { return }
        let value = scenario.values[written.count]
        let id = 1000 + written.count
        try scenario.insert(id, value, stage: now, into: database)
        written.append((id, value))
    }

    func rows(column: String) throws -> [[SQLValue]] { try scenario.rows(database, column: column) }

    /// The rows from before, and those written since, as the database itself writes such values.
    func expectedRows() throws -> [[SQLValue]] {
        try oracle.reset(scenario.setUp)
        for (id, value) in written { try scenario.insert(id, value, stage: .old, into: oracle) }
        let rows = try scenario.rows(oracle, column: scenario.rename.from)
        #expect(rows.count == before.count + written.count)
        return rows
    }
}
