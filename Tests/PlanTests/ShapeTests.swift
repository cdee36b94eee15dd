import DoubleWrite
import MigrationCore
import Testing

/// Plans of changes of shape, run for real.
@Suite struct ShapeTests {
    @Test(
        "carried through, the table is as one that was changed directly, and has every row",
        arguments: ShapeScenario.all)
    func forward(scenario: ShapeScenario) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            let before = try database.schema()
            let planner = Planner(dialect: scenario.dialect)
            let plan = try planner.provenPlan(scenario.migration, schema: before)
            #expect(plan.unresolved.isEmpty)
            try database.probe(plan.probes)

            var walk = try ShapeWalk(scenario: scenario, database: database)
            for (_, step) in plan.steps { try walk.run(step) }

            #expect(try database.stage(of: scenario.change) == .done)
            let oracle = try walk.oracle()
            for statement in scenario.directly { try oracle.run(statement) }
            #expect(try scenario.rows(database, scenario.news) == scenario.rows(oracle, scenario.news))
            let after = try database.schema()
            #expect(difference(after, try oracle.schema()) == "")
            let said = try planner.schema(after: scenario.migration, from: before)
            #expect(try columns(said, scenario) == columns(after, scenario))
        } when: {
            scenario.lacksExtension
        }
    }

    /// The names and types of the columns, which the planner can tell also of files alone.
    private func columns(_ schema: Schema, _ scenario: ShapeScenario) throws -> [String] {
        let table = try #require(schema[scenario.table])
        return table.columns.map { "\($0.name) \($0.type.lowercased()) \($0.isNullable)" }.sorted()
    }

    @Test(
        "undone from behind every step, the table is as before and has every row",
        arguments: ShapeScenario.all)
    func undoFromEverywhere(scenario: ShapeScenario) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            let schema = try database.schema()
            let plan = try Planner(dialect: scenario.dialect).plan(scenario.migration, schema: schema)
            let steps = plan.steps.map(\.step).prefix { $0.isReversible }
            for end in 1...steps.count {
                try database.reset(scenario.setUp)
                var walk = try ShapeWalk(scenario: scenario, database: database)
                for step in steps.prefix(end) { try walk.run(step) }
                for step in steps.prefix(end).reversed() {
                    for undo in step.undo { try walk.run(undo) }
                }
                let stage = try database.stage(of: scenario.change)
                #expect(stage == .old || stage == nil)
                #expect(
                    difference(try database.schema(), schema) == "", "undone from behind \(steps[end - 1].id)"
                )
                #expect(
                    try scenario.rows(database, scenario.olds) == scenario.rows(walk.oracle(), scenario.olds),
                    "undone from behind \(steps[end - 1].id)")
            }
        } when: {
            scenario.lacksExtension
        }
    }
}

/// A plan being run, with a writer that writes a row whenever the stage has changed.
struct ShapeWalk {
    let scenario: ShapeScenario
    let database: TestDatabase
    private var written: [(id: Int, write: ShapeScenario.Write)] = []
    private var stage: Stage?

    init(scenario: ShapeScenario, database: TestDatabase) throws {
        self.scenario = scenario
        self.database = database
    }

    mutating func run(_ step: Step) throws {
        try PlanRun(database: database).run(step)
        let now = try database.stage(of: scenario.change) ?? .old
        guard now != stage else { return }
        stage = now
        // Every value is used once: some are unique.
        guard written.count < scenario.writes.count else { return }
        let write = scenario.writes[written.count]
        let id = 1000 + written.count
        try scenario.insert(id, write, stage: now, into: database)
        written.append((id, write))
    }

    /// A database before the change with the rows from before and those written since.
    func oracle() throws -> TestDatabase {
        let oracle = try TestDatabase(scenario.dialect, scenario.setUp)
        for (id, write) in written { try scenario.insert(id, write, stage: .old, into: oracle) }
        return oracle
    }
}

extension TestDatabase {
    /// Asks what a plan wants to have asked before it runs.
    func probe(_ probes: [Probe]) throws {
        for probe in probes {
            try run("BEGIN")
            do {
                for statement in probe.statements { try run(statement) }
            } catch {
                Issue.record("\(probe.path): \(error)")
            }
            try run("ROLLBACK")
        }
    }
}
