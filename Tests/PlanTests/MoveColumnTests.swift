import DoubleWrite
import MigrationCore
import Testing

/// Plans of columns that move to another table, run for real.
@Suite struct MoveColumnTests {
    @Test(
        "carried through, the tables are as the planner says and as statements by hand leave them",
        arguments: MoveScenario.all)
    func forward(scenario: MoveScenario) throws {
        let database = try TestDatabase(scenario.dialect, scenario.setUp)
        let before = try database.schema()
        let planner = Planner(dialect: scenario.dialect)
        let plan = try planner.provenPlan(scenario.migration, schema: before)
        var walk = MoveWalk(scenario: scenario, database: database)
        for (_, step) in plan.steps { try walk.run(step) }

        #expect(try database.stage(of: scenario.move.changeID) == .done)
        #expect(try walk.values() == walk.expected())
        var said = try planner.schema(after: scenario.migration, from: before)
        said.normalize()
        let after = try database.schema()
        #expect(difference(after, said) == "")

        let oracle = try TestDatabase(scenario.dialect, scenario.setUp)
        for statement in scenario.oracle { try oracle.run(statement) }
        let (table, column) = (
            scenario.dialect.quote(scenario.move.table), scenario.dialect.quote(scenario.move.column)
        )
        if scenario.dialect == .sqlite { try oracle.run("DROP INDEX IF EXISTS by_chip") }
        try oracle.run("ALTER TABLE \(table) DROP COLUMN \(column)")
        #expect(difference(after, try oracle.schema()) == "")
    }

    @Test(
        "undone from behind every step, and gone again, every value is where it was",
        arguments: MoveScenario.all)
    func undoFromEverywhere(scenario: MoveScenario) throws {
        let database = try TestDatabase(scenario.dialect, scenario.setUp)
        let schema = try database.schema()
        let planner = Planner(dialect: scenario.dialect)
        let plan = try planner.plan(scenario.migration, schema: schema)
        let steps = plan.steps.map(\.step).prefix { $0.isReversible }
        let isQuick = MoveScenario.hostile.contains { $0.name == scenario.name }
        let ends = isQuick ? [steps.count] : Array(1...steps.count)
        for end in ends {
            try database.reset(scenario.setUp)
            var walk = MoveWalk(scenario: scenario, database: database)
            for step in steps.prefix(end) { try walk.run(step) }
            for step in steps.prefix(end).reversed() {
                for undo in step.undo { try walk.run(undo) }
            }
            let place = "undone from behind \(steps[end - 1].id)"
            let stage = try database.stage(of: scenario.move.changeID)
            #expect(stage == .old || stage == nil)
            #expect(difference(try database.schema(), schema) == "", "\(place)")
            #expect(try walk.values() == walk.expected(), "\(place)")

            let again = try planner.plan(
                scenario.migration, schema: schema, generations: [scenario.move.changeID: 1])
            for (_, step) in again.steps { try walk.run(step) }
            #expect(try walk.values() == walk.expected(), "\(place), and again")
        }
    }
}

/// A plan being run, with a writer that writes a row of each table whenever the stage has changed.
private struct MoveWalk {
    let scenario: MoveScenario
    let database: TestDatabase
    private var written: [String] = []
    private var stage: Stage?

    init(scenario: MoveScenario, database: TestDatabase) {
        self.scenario = scenario
        self.database = database
    }

    mutating func run(_ step: Step) throws {
        try PlanRun(database: database).run(step)
        let now = try database.stage(of: scenario.move.changeID) ?? .old
        guard now != stage else { return }
        stage = now
        guard written.count < scenario.values.count else { return }
        let value = scenario.values[written.count]
        try scenario.insert(written.count, value, stage: now, into: database)
        written.append(value)
    }

    func values() throws -> [[SQLValue]] {
        let isNew = stage == .bothReadNew || stage == .new || stage == .done
        return try scenario.rows(database, isNew: isNew)
    }

    /// The rows from before, and those written since, as one table has them.
    func expected() throws -> [[SQLValue]] {
        let oracle = try TestDatabase(scenario.dialect, scenario.setUp)
        for (number, value) in written.enumerated() {
            try scenario.insert(number, value, stage: .old, into: oracle)
        }
        return try scenario.rows(oracle, isNew: false)
    }
}
