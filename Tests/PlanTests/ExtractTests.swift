import DoubleWrite
import MigrationCore
import Testing

/// Plans that extract a table, run for real.
@Suite struct ExtractTests {
    static let scenarios = ExtractScenario.all + ExtractScenario.likeAliases

    @Test(
        "carried through, the tables are as they were made directly, and every row has its value",
        arguments: scenarios)
    func forward(scenario: ExtractScenario) throws {
        let database = try TestDatabase(scenario.dialect, scenario.setUp)
        let before = try database.schema()
        let planner = Planner(dialect: scenario.dialect)
        let plan = try planner.provenPlan(scenario.migration, schema: before)
        #expect(plan.unresolved.isEmpty)
        try database.probe(plan.probes)

        var walk = ExtractWalk(scenario: scenario, database: database)
        for (_, step) in plan.steps { try walk.run(step) }

        #expect(try database.stage(of: scenario.extract.changeID) == .done)
        let oracle = try walk.oracle()
        #expect(try scenario.newRows(database) == scenario.oldRows(oracle))
        for statement in scenario.directly { try oracle.run(statement) }
        let after = try database.schema()
        #expect(difference(after, try oracle.schema()) == "")
        let said = try planner.schema(after: scenario.migration, from: before)
        #expect(said.shapes.symmetricDifference(after.shapes) == [])
    }

    @Test(
        "undone from behind every step, the table is as before and has every row",
        arguments: scenarios)
    func undoFromEverywhere(scenario: ExtractScenario) throws {
        let database = try TestDatabase(scenario.dialect, scenario.setUp)
        let schema = try database.schema()
        let plan = try Planner(dialect: scenario.dialect).plan(scenario.migration, schema: schema)
        let steps = plan.steps.map(\.step).prefix { $0.isReversible }
        for end in 1...steps.count {
            try database.reset(scenario.setUp)
            var walk = ExtractWalk(scenario: scenario, database: database)
            for step in steps.prefix(end) { try walk.run(step) }
            for step in steps.prefix(end).reversed() {
                for undo in step.undo { try walk.run(undo) }
            }
            let stage = try database.stage(of: scenario.extract.changeID)
            #expect(stage == .old || stage == nil)
            #expect(
                difference(try database.schema(), schema) == "", "undone from behind \(steps[end - 1].id)")
            #expect(
                try scenario.oldRows(database) == scenario.oldRows(walk.oracle()),
                "undone from behind \(steps[end - 1].id)")
        }
    }

    /// Counts that stand in the way, before anything changes.
    @Test func valuesThatAreTooLongAreCounted() throws {
        let scenario = ExtractScenario.all[0]
        let database = try TestDatabase(.postgres, scenario.setUp)
        // What does not compress is as long in the index.
        try database.run(
            "INSERT INTO animals SELECT 50, string_agg(md5(i::text), '') FROM generate_series(1, 82) AS i")
        let plan = try Planner(dialect: .postgres).plan(scenario.migration, schema: database.schema())
        guard case .verify(let verification)? = plan.steps.first?.step.action else {
            Issue.record("\(plan.steps.map(\.step.title))")
            return
        }
        #expect(try database.run(verification.countStatement(.postgres)).rows == [[1]])
    }
}

/// A plan being run, with a writer that writes a row whenever the stage has changed.
struct ExtractWalk {
    let scenario: ExtractScenario
    let database: TestDatabase
    private var written: [(id: Int, value: String)] = []
    private var stage: Stage?

    init(scenario: ExtractScenario, database: TestDatabase) {
        self.scenario = scenario
        self.database = database
    }

    mutating func run(_ step: Step) throws {
        try PlanRun(database: database).run(step)
        let now = try database.stage(of: scenario.extract.changeID) ?? .old
        guard now != stage else { return }
        stage = now
        let value = scenario.writes[written.count % scenario.writes.count]
        let id = 1000 + written.count
        try scenario.insert(id, value, stage: now, into: database)
        written.append((id, value))
    }

    /// A database before the change with the rows from before and those written since.
    func oracle() throws -> TestDatabase {
        let oracle = try TestDatabase(scenario.dialect, scenario.setUp)
        for (id, value) in written { try scenario.insert(id, value, stage: .old, into: oracle) }
        return oracle
    }
}
