import DoubleWrite
import MigrationCore
import TestSupport
import Testing

/// Plans with `sync: trigger`, run for real, with writers of both shapes between any two steps.
@Suite struct SyncPlanTests {
    @Test(
        "carried through, no row is lost, and the table is as if it had been made so",
        arguments: SyncPlanScenario.all)
    func forward(scenario: SyncPlanScenario) throws {
        var walk = try SyncWalk(scenario)
        for (_, step) in walk.plan.steps { try walk.run(step) }
        walk.check("at the end")
        guard let oracle = scenario.oracle else { return }
        let after = try walk.database.schema()
        try walk.database.reset(scenario.setUp + oracle)
        #expect(difference(after, try walk.database.schema()) == "")
    }

    @Test(
        "undone from behind every step, the table is as before and has every row",
        arguments: SyncPlanScenario.all)
    func undoFromEverywhere(scenario: SyncPlanScenario) throws {
        var walk = try SyncWalk(scenario)
        let steps = walk.plan.steps.map(\.step).prefix { $0.isReversible }
        for end in scenario.isHostile ? [steps.count] : Array(1...steps.count) {
            try walk.restart()
            for step in steps.prefix(end) { try walk.run(step) }
            for step in steps.prefix(end).reversed() {
                for undo in step.undo { try walk.run(undo, undoing: step) }
            }
            walk.check("undone from behind \(steps[end - 1].id)")
            #expect(
                difference(try walk.database.schema(), walk.before) == "",
                "undone from behind \(steps[end - 1].id)")
        }
    }

    @Test("there and back and there again", arguments: SyncPlanScenario.all)
    func twice(scenario: SyncPlanScenario) throws {
        var walk = try SyncWalk(scenario)
        let steps = walk.plan.steps.map(\.step)
        let reversible = steps.prefix { $0.isReversible }
        for step in reversible { try walk.run(step) }
        for step in reversible.reversed() {
            for undo in step.undo { try walk.run(undo, undoing: step) }
        }
        for step in steps { try walk.run(step) }
        walk.check("the second time")
    }
}

/// A plan being run, with writers of whichever shapes there are after each step.
struct SyncWalk {
    let scenario: SyncPlanScenario
    let database: TestDatabase
    let before: Schema
    let plan: Plan
    /// What each row that was written here says, as the number of the pair.
    private var rows: [Int: Int] = [:]
    private var next = 0
    private var hasOld = true
    private var hasNew = false
    private var isFilled = false
    private var isSwapped = false

    init(_ scenario: SyncPlanScenario) throws {
        self.scenario = scenario
        database = try TestDatabase(scenario.dialect, scenario.setUp)
        before = try database.schema()
        plan = try Planner(dialect: scenario.dialect).provenPlan(
            Migration(name: "m", operations: [scenario.operation]), schema: before)
        #expect(plan.unresolved.isEmpty)
        for probe in plan.probes {
            try database.run("BEGIN")
            defer { _ = try? database.run("ROLLBACK") }
            for statement in probe.statements { try database.run(statement) }
        }
    }

    mutating func restart() throws {
        try database.reset(scenario.setUp)
        rows = [:]
        next = 0
        (hasOld, hasNew, isFilled, isSwapped) = (true, false, false, false)
    }

    mutating func run(_ step: Step, undoing: Step? = nil) throws {
        try PlanRun(database: database).run(step)
        let id = undoing?.id ?? step.id
        let isThere = undoing == nil
        let isLast = undoing == nil || step.id == undoing?.undo.last?.id
        if id.hasSuffix("add-column") { hasNew = isThere && !scenario.keepsName }
        if id.hasSuffix("expand.backfill") { isFilled = true }
        if id.hasSuffix("add-column") { isFilled = false }
        if id.hasSuffix("swap"), step.title.hasPrefix("give") { isSwapped = isThere }
        // On the way back the old shape is whole when its rows have been filled.
        if id.hasSuffix("retire"), !scenario.keepsName, isThere || isLast { hasOld = !isThere }
        try write()
        check("after \(step.id)")
    }

    /// A row of each shape that there is, and a change of one that was written before.
    private mutating func write() throws {
        for shape in shapes {
            let id = 1000 + rows.count
            let pair = next % scenario.pairs.count
            next += 1
            let values = scenario.pairs[pair].values(shape)
            let columns = database.dialect.quote(["id"] + values.map(\.column))
            try database.run(
                "INSERT INTO \(table) (\(columns)) VALUES (\(([String(id)] + values.map(\.sql)).joined(separator: ", ")))"
            )
            rows[id] = pair
            guard shape == .old || isFilled || scenario.keepsName,
                let other = rows.keys.sorted().first(where: { $0 % 3 == next % 3 })
            else { continue }
            let changed = next % scenario.pairs.count
            let assignments = scenario.pairs[changed].values(shape).map {
                "\(database.dialect.quote($0.column)) = \($0.sql)"
            }
            try database.run("UPDATE \(table) SET \(assignments.joined(separator: ", ")) WHERE id = \(other)")
            rows[other] = changed
        }
    }

    private var table: String { database.dialect.quote(scenario.table) }

    private var shapes: [SyncPlanScenario.Shape] {
        if scenario.keepsName { return [isSwapped ? .new : .old] }
        return (hasOld ? [.old] : []) + (hasNew ? [.new] : [])
    }

    /// Whether every row says in every shape what was written to it last, in one.
    func check(_ place: String) {
        let same = database.dialect == .postgres ? "IS NOT DISTINCT FROM" : "IS"
        for (id, pair) in rows {
            for shape in shapes where shape == .old || isFilled || scenario.keepsName {
                for value in scenario.pairs[pair].values(shape) {
                    let column = database.dialect.quote(value.column)
                    let found = try? database.run(
                        "SELECT \(column) \(same) \(value.sql), \(column) FROM \(table) WHERE id = \(id)"
                    ).rows.first
                    let isRight = found.map { $0[0] == .boolean(true) || $0[0] == .integer(1) } ?? false
                    #expect(
                        isRight,
                        "\(place): row \(id), \(shape), '\(value.column)' is \(found?[1].said ?? "gone"), not \(value.sql)"
                    )
                }
            }
        }
    }
}
