import DoubleWrite
import MigrationCore
import Testing

/// Guarded plans, run for real: with a writer that follows the stages, and with one that never does.
@Suite struct GuardTests {
    /// Every change of shape in one table.
    static let scenarios = ShapeScenario.all.map(\.guarded)

    @Test(
        "a writer that follows the stages is never counted, and nothing is left behind", arguments: scenarios)
    func aWriterThatFollows(scenario: ShapeScenario) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            let plan = try scenario.plan(database)
            var walk = try ShapeWalk(scenario: scenario, database: database)
            for (_, step) in plan.steps {
                if step.id == "1.contract.drop" { #expect(try database.strays() == 0) }
                try walk.run(step)
            }
            let oracle = try walk.oracle()
            for statement in scenario.directly { try oracle.run(statement) }
            #expect(try scenario.rows(database, scenario.news) == scenario.rows(oracle, scenario.news))
            #expect(difference(try database.schema(), try oracle.schema()) == "")
            #expect(try database.guards() == 0)
        } when: {
            scenario.lacksExtension
        }
    }

    @Test("undone from behind every step, nothing is left behind", arguments: scenarios)
    func undone(scenario: ShapeScenario) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            let schema = try database.schema()
            let steps = try scenario.plan(database).steps.map(\.step).prefix { $0.isReversible }
            let marks = ["add-column", "flip-both-read-new", "flip-new", "retire"]
            for end in 1...steps.count where marks.contains(where: { steps[end - 1].id.hasSuffix($0) }) {
                try database.reset(scenario.setUp)
                var walk = try ShapeWalk(scenario: scenario, database: database)
                for step in steps.prefix(end) { try walk.run(step) }
                let isExpanded = steps[end - 1].id != "1.contract.retire"
                #expect(try database.guards() == (isExpanded ? 2 : 0))
                for step in steps.prefix(end).reversed().flatMap(\.undo) { try walk.run(step) }
                #expect(difference(try database.schema(), schema) == "", "\(steps[end - 1].id)")
                #expect(
                    try scenario.rows(database, scenario.olds) == scenario.rows(walk.oracle(), scenario.olds),
                    "\(steps[end - 1].id)")
                #expect(try database.guards() == 0)
                #expect(try database.strays() == 0)
            }
        } when: {
            scenario.lacksExtension
        }
    }

    @Test(
        "what is written in the old shape alone, at every stage, arrives in the new one",
        arguments: scenarios, [false, true])
    func aWriterThatDoesNot(scenario: ShapeScenario, updates: Bool) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            let plan = try scenario.plan(database)
            var straggler = Straggler(scenario: scenario, database: database, updates: updates)
            var counted: Int64 = 0
            for (_, step) in plan.steps {
                if step.id == "1.contract.drop" { counted = try database.strays() }
                try PlanRun(database: database).run(step)
                if step.id == "1.contract.retire" { straggler.isOver = true }
                try straggler.look()
            }
            let oracle = try TestDatabase(scenario.dialect, scenario.setUp)
            for (id, write) in straggler.written.sorted(by: { $0.key < $1.key }) {
                try scenario.insert(id, write, stage: .old, into: oracle)
            }
            for statement in scenario.directly { try oracle.run(statement) }
            #expect(try scenario.rows(database, scenario.news) == scenario.rows(oracle, scenario.news))
            #expect(counted > 0 || !straggler.mustBeCounted)
        } when: {
            scenario.lacksExtension
        }
    }
}

/// A release of before, which nobody told of the change: it writes a row whenever the stage has changed.
private struct Straggler {
    let scenario: ShapeScenario
    let database: TestDatabase
    /// Whether it writes one row again and again.
    let updates: Bool
    var isOver = false
    /// The last write of each row.
    private(set) var written: [Int: ShapeScenario.Write] = [:]
    /// Whether it has written a value that only a guard brings to the other side.
    private(set) var mustBeCounted = false
    private var stage: Stage?
    private var count = 0

    init(scenario: ShapeScenario, database: TestDatabase, updates: Bool) {
        self.scenario = scenario
        self.database = database
        self.updates = updates
    }

    mutating func look() throws {
        let now = try database.stage(of: scenario.change) ?? .old
        guard now != stage, !isOver, count < scenario.writes.count else { return }
        stage = now
        let write = scenario.writes[count]
        let id = updates ? 1000 : 1000 + count
        count += 1
        let isEmpty = write.old.allSatisfy { $0 == "NULL" }
        // A row without any value is in either shape what it is in the other, as far as can be told.
        if now == .new, isEmpty, written[id] == nil { return }
        do {
            if written[id] == nil {
                try scenario.insert(id, write, stage: .old, into: database)
            } else {
                try update(id, write)
            }
            written[id] = write
            if now != .old, !isEmpty { mustBeCounted = true }
        } catch {
            // SQLite checks NOT NULL before it fires a trigger.
            guard scenario.dialect == .sqlite, "\(error)".contains("NOT NULL") else { throw error }
        }
    }

    private func update(_ id: Int, _ write: ShapeScenario.Write) throws {
        let dialect = scenario.dialect
        let values = zip(scenario.olds, write.old).map { "\(dialect.quote($0)) = \($1)" }
        try database.run(
            "UPDATE \(dialect.quote(scenario.table)) SET \(values.joined(separator: ", ")) "
                + "WHERE \(dialect.quote("id")) = \(id)")
    }
}

extension ShapeScenario {
    /// The same with a guard.
    var guarded: ShapeScenario {
        var scenario = self
        scenario.operation = operation.guarded
        return scenario
    }

    fileprivate func plan(_ database: TestDatabase) throws -> Plan {
        let plan = try Planner(dialect: dialect).plan(migration, schema: database.schema())
        #expect(plan.steps.contains { $0.step.id == "1.contract.quiet" })
        return plan
    }
}

extension MigrationCore.Operation {
    /// The same with a guard, where there is a shape to guard.
    var guarded: MigrationCore.Operation {
        switch self {
        case .renameColumn(var operation):
            operation.isGuarded = true
            return .renameColumn(operation)
        case .changeType(var operation):
            operation.isGuarded = true
            return .changeType(operation)
        case .changeColumn(var operation):
            operation.isGuarded = true
            return .changeColumn(operation)
        case .splitColumn(var operation):
            operation.isGuarded = true
            return .splitColumn(operation)
        case .mergeColumns(var operation):
            operation.isGuarded = true
            return .mergeColumns(operation)
        case .extractTable(var operation):
            operation.isGuarded = true
            return .extractTable(operation)
        case .moveColumn(var operation):
            operation.isGuarded = true
            return .moveColumn(operation)
        default: return self
        }
    }
}

extension TestDatabase {
    /// How many writes of the old shape alone were counted.
    fileprivate func strays() throws -> Int64 {
        let table = dialect == .postgres ? "bellows.stray_writes" : "bellows_stray_writes"
        return try run("SELECT count(*) FROM \(table)").scalar?.integer ?? 0
    }

    /// How many triggers of guards there are.
    fileprivate func guards() throws -> Int64 {
        let query =
            dialect == .postgres
            ? "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '~bellows%'"
            : "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'bellows_guard:%'"
        return try run(query).scalar?.integer ?? 0
    }
}
