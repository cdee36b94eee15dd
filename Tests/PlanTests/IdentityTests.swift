import DoubleWrite
import Foundation
import MigrationCore
import TestSupport
import Testing

/// A numbered column keeps its numbers and whatever was said of them, whichever way the change goes.
@Suite struct IdentityTests {
    /// What `pg_dump` says, in no order: a new column stands at the end.
    private func dump(_ database: TestDatabase) throws -> [String] {
        let outcome = try ChildProcess.run(
            ThrowAwayPostgres.shared.programs + "/pg_dump",
            ["--schema-only", "--exclude-schema=bellows", database.location])
        #expect(outcome.status == 0, "\(outcome.standardError)")
        return outcome.standardOutput.split(separator: "\n")
            .filter { !$0.hasPrefix("--") && !$0.contains("restrict ") }
            .map { String($0.trimmingPrefix(while: \.isWhitespace)).replacing(",", with: "") }.sorted()
    }

    private func plan(_ scenario: IdentityScenario, _ database: TestDatabase) throws -> [Step] {
        let plan = try Planner(dialect: .postgres).plan(scenario.migration, schema: database.schema())
        #expect(plan.unresolved.isEmpty)
        return plan.steps.map(\.step)
    }

    @Test(
        "carried through, pg_dump says what it says of a table that was changed directly",
        arguments: IdentityScenario.all)
    func forward(scenario: IdentityScenario) throws {
        let database = try TestDatabase(.postgres, scenario.setUp)
        var stage = Stage.old
        for step in try plan(scenario, database) {
            try PlanRun(database: database).run(step)
            let now = try database.stageUnasked(of: scenario.change)
            if now != stage { try scenario.insert(into: database) }
            stage = now
        }
        let oracle = try TestDatabase(.postgres, scenario.setUp)
        for statement in scenario.directly { try oracle.run(statement) }
        let (dumped, expected) = (try dump(database), try dump(oracle))
        #expect(dumped.filter { !expected.contains($0) } == [])
        #expect(dumped == expected)
        #expect(difference(try database.schema(), try oracle.schema()) == "")
        try expectNumbersGoOn(scenario, database)
    }

    /// Every number once, in the sequence's own steps, and the next one beyond all of them.
    private func expectNumbersGoOn(_ scenario: IdentityScenario, _ database: TestDatabase) throws {
        let dialect = Dialect.postgres
        let (table, id) = (dialect.quote(scenario.table), dialect.quote(scenario.column))
        let before = try database.run("SELECT min(\(id)), max(\(id)) FROM \(table)").rows[0].map {
            $0.integer ?? 0
        }
        try scenario.insert(into: database)
        let numbers = try database.run(
            "SELECT \(id) FROM \(table) WHERE name <> 'by hand' ORDER BY ctid"
        ).rows.map { $0[0].integer ?? 0 }
        let next = try #require(numbers.last)
        #expect(numbers.count == 10 && Set(numbers).count == 10)
        #expect(Set(numbers.map { ($0 - numbers[0]) % Int64(scenario.step) }) == [0])
        let isBounded = scenario.name.contains("circle") || scenario.name.contains("beyond")
        if !isBounded { #expect(scenario.step > 0 ? next > before[1] : next < before[0]) }
    }

    @Test("undone from behind every step, it is as it was", arguments: IdentityScenario.all)
    func undoFromEverywhere(scenario: IdentityScenario) throws {
        let database = try TestDatabase(.postgres, scenario.setUp)
        let schema = try database.schema()
        let dumped = try dump(database)
        let steps = try plan(scenario, database).prefix { $0.isReversible }
        for end in 1...steps.count {
            try database.reset(["DROP SCHEMA IF EXISTS other CASCADE"] + scenario.setUp)
            for step in steps.prefix(end) { try PlanRun(database: database).run(step) }
            try scenario.insert(into: database)
            for step in steps.prefix(end).reversed().flatMap(\.undo) {
                try PlanRun(database: database).run(step)
            }
            #expect(
                difference(try database.schema(), schema) == "", "undone from behind \(steps[end - 1].id)")
            try scenario.insert(into: database)
            try scenario.insert(into: database)
        }
        #expect(try dump(database) == dumped)
    }

    @Test("an identity that has given its last number gives no error, and goes on")
    func exhausted() throws {
        let scenario = IdentityScenario(name: "exhausted", numbering: "GENERATED ALWAYS AS IDENTITY")
        let database = try TestDatabase(
            .postgres,
            scenario.setUp + [
                "SELECT setval('t_id_seq', 2147483646)", "INSERT INTO t (name) VALUES ('last')",
            ])
        for step in try plan(scenario, database) { try PlanRun(database: database).run(step) }
        try scenario.insert(into: database)
        #expect(try database.run("SELECT max(id) FROM t").scalar == .integer(2_147_483_648))
    }

    @Test("a number that the old type cannot hold stops the way back before it begins")
    func noRoom() throws {
        let scenario = IdentityScenario(name: "no room", numbering: "GENERATED ALWAYS AS IDENTITY")
        let database = try TestDatabase(.postgres, scenario.setUp)
        let steps = try plan(scenario, database)
        for step in steps.prefix(while: { $0.id != "1.contract.retire" }) {
            try PlanRun(database: database).run(step)
        }
        try database.run("INSERT INTO t (_bellows_new_id) VALUES (2147483648)")
        let undo = try #require(steps.first { $0.id == "1.transition.flip-new" }).undo
        guard case .verify(let count)? = undo.first?.action else {
            Issue.record("\(undo.map(\.title))")
            return
        }
        #expect(undo.first?.title == "count the values of the new 'id' that have no room in integer")
        #expect(try database.run(count.countStatement(.postgres)).rows == [[1]])
    }

    @Test("narrowed, with a sequence that is ahead of the new type, it ends there and fails no step")
    func narrowed() throws {
        let database = try TestDatabase(
            .postgres,
            [
                "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)",
                "INSERT INTO t (name) VALUES ('one')", "SELECT setval('t_id_seq', 3000000000)",
            ])
        let migration = Migration(
            name: "m", operations: [.changeType(ChangeType(table: "t", column: "id", type: "integer"))])
        let plan = try Planner(dialect: .postgres).plan(migration, schema: database.schema())
        for (_, step) in plan.steps { try PlanRun(database: database).run(step) }
        #expect(try database.schema()["t"]?.column("id")?.sequence?.maximum == 2_147_483_647)
    }

    @Test("what the sequence of an identity cannot be is refused by name")
    func refused() throws {
        let database = try TestDatabase(
            .postgres,
            [
                "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 5000000000) PRIMARY KEY)",
                "CREATE SEQUENCE shared AS integer",
                "CREATE TABLE u (id integer DEFAULT nextval('shared') PRIMARY KEY)",
            ])
        let schema = try database.schema()
        func problems(_ type: PerDialect) -> [String] {
            let migration = Migration(
                name: "m", operations: [.changeType(ChangeType(table: "t", column: "id", type: type))])
            let found = #expect(throws: PlanningProblems.self) {
                try Planner(dialect: .postgres).plan(migration, schema: schema)
            }
            return found?.problems.map(\.message) ?? []
        }
        #expect(
            problems("text").contains { $0.contains("'id' is an identity column, which counts in smallint") })
        #expect(
            problems("integer").contains {
                $0.contains("'t_id_seq' of 'id' has limits that integer does not hold")
            })
        let shared = Migration(
            name: "m", operations: [.changeType(ChangeType(table: "u", column: "id", type: "bigint"))])
        let plan = try Planner(dialect: .postgres).plan(shared, schema: schema)
        #expect(
            plan.warnings.contains {
                $0.contains("the sequence 'shared', which does not belong to the column")
            })
    }
}
