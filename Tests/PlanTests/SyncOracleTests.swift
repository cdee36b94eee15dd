import DoubleWrite
import MigrationCore
import Testing

/// The tables and changes that the double write is tested with, kept in step by triggers instead.
@Suite struct SyncOracleTests {
    @Test(
        "carried through, the table is as one that was changed directly, and has every row",
        arguments: RenameScenario.all.map(\.asShape) + ShapeScenario.all)
    func forward(scenario: ShapeScenario) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            guard let plan = try plan(scenario, database) else { return }
            for (_, step) in plan.steps {
                try PlanRun(database: database).run(step)
                try write(scenario, after: step, into: database)
            }
            let after = try database.schema()
            let rows = try scenario.rows(database, scenario.news)
            try database.reset(scenario.setUp)
            for (number, write) in scenario.writes.enumerated() where number < Self.places.count {
                try scenario.insert(1000 + number, write, stage: .old, into: database)
            }
            for statement in scenario.directly { try database.run(statement) }
            #expect(try scenario.rows(database, scenario.news) == rows)
            #expect(difference(after, try database.schema()) == "")
        } when: {
            scenario.lacksExtension
        }
    }

    @Test(
        "undone from behind every step, the table is as before and has every row",
        arguments: RenameScenario.postgres.map(\.asShape) + RenameScenario.sqlite.map(\.asShape)
            + ShapeScenario.all)
    func undoFromEverywhere(scenario: ShapeScenario) throws {
        try withKnownIssue("this server is built without citext") {
            let database = try TestDatabase(scenario.dialect, scenario.setUp)
            let before = try database.schema()
            guard let plan = try plan(scenario, database) else { return }
            let steps = plan.steps.map(\.step).prefix { $0.isReversible }
            for end in 1...steps.count {
                try database.reset(scenario.setUp)
                let rows = try scenario.rows(database, scenario.olds)
                for step in steps.prefix(end) { try PlanRun(database: database).run(step) }
                for step in steps.prefix(end).reversed() {
                    for undo in step.undo { try PlanRun(database: database).run(undo) }
                }
                #expect(
                    difference(try database.schema(), before) == "", "undone from behind \(steps[end - 1].id)"
                )
                #expect(
                    try scenario.rows(database, scenario.olds) == rows,
                    "undone from behind \(steps[end - 1].id)")
            }
        } when: {
            scenario.lacksExtension
        }
    }

    /// The plan; `nil` where it is refused because it is by trigger, with the reason.
    private func plan(_ scenario: ShapeScenario, _ database: TestDatabase) throws -> Plan? {
        let migration = Migration(name: "m", operations: [scenario.operation.synchronized])
        do {
            let plan = try Planner(dialect: scenario.dialect).plan(migration, schema: database.schema())
            #expect(plan.unresolved.isEmpty)
            try database.probe(plan.probes)
            return plan
        } catch let problems as PlanningProblems {
            #expect(problems.problems.allSatisfy { $0.path?.hasSuffix("sync") == true }, "\(problems)")
            #expect(
                Self.refused.contains(scenario.testDescription), "\(scenario.testDescription): \(problems)")
            return nil
        }
    }

    /// What triggers cannot do.
    private static let refused: Set<String> = [
        "sqlite: indexes and a default", "postgres: a zone for a timestamp",
        "postgres: an interval to seconds",
        "postgres: another meaning under the same name", "postgres: a hostile name that stays",
        "sqlite: another meaning under the same name", "sqlite: a hostile name that stays",
    ]

    /// Behind which steps a writer comes, and in which shape.
    private static let places: [(id: String, stage: Stage)] = [
        ("1.expand.add-column", .old), ("1.expand.backfill", .old), ("1.expand.verify", .new),
        ("1.contract.retire", .new),
    ]

    private func write(_ scenario: ShapeScenario, after step: Step, into database: TestDatabase) throws {
        guard let number = Self.places.firstIndex(where: { $0.id == step.id }), number < scenario.writes.count
        else { return }
        // A shape whose name is another one's: it is there when it has the name.
        let keepsName = !Set(scenario.olds).isDisjoint(with: scenario.news)
        let stage =
            keepsName && number < 3
            ? .old : Self.places[number].stage == .new && keepsName ? .done : Self.places[number].stage
        try scenario.insert(1000 + number, scenario.writes[number], stage: stage, into: database)
    }
}

extension RenameScenario {
    /// The same as a change of shape.
    var asShape: ShapeScenario {
        let table = dialect.quote(rename.table)
        return ShapeScenario(
            name: name, dialect: dialect, table: rename.table, setUp: setUp, operation: .renameColumn(rename),
            olds: [rename.from], news: [rename.to], writes: values.map { .init($0, $0) },
            directly: [
                "ALTER TABLE \(table) RENAME COLUMN \(dialect.quote(rename.from)) TO \(dialect.quote(rename.to))"
            ])
    }
}

extension MigrationCore.Operation {
    /// The operation with `sync: trigger`, where it has one.
    var synchronized: MigrationCore.Operation {
        switch self {
        case .renameColumn(var operation):
            operation.sync = .trigger
            return .renameColumn(operation)
        case .changeType(var operation):
            operation.sync = .trigger
            return .changeType(operation)
        case .changeColumn(var operation):
            operation.sync = .trigger
            return .changeColumn(operation)
        case .splitColumn(var operation):
            operation.sync = .trigger
            return .splitColumn(operation)
        case .mergeColumns(var operation):
            operation.sync = .trigger
            return .mergeColumns(operation)
        case .createTable, .addColumn, .dropColumn, .createIndex, .dropIndex, .dropTable, .renameTable,
            .setNotNull,
            .dropNotNull, .setDefault, .dropDefault, .setComment, .addCheck, .addForeignKey, .addUnique,
            .addPrimaryKey,
            .dropConstraint, .renameConstraint, .replaceIndex, .createEnum, .addEnumValue, .dropEnum,
            .setReplicaIdentity, .moveColumn, .extractTable, .sql:
            return self
        }
    }
}
