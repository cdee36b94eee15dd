import DoubleWrite
import Testing

@testable import MigrationCore

/// The plans of every operation, looked at in every order.
@Suite struct PlanProofTests {
    @Test(arguments: Dialect.allCases)
    func everyGoldenPlanHolds(dialect: Dialect) throws {
        for example in try ProofExample.all(dialect) {
            let proof = example.proof()
            for fault in proof.faults {
                Issue.record(
                    "\(example.testDescription): \(fault.kind.rawValue):\n\(fault.trace.joined(separator: "\n"))"
                )
            }
            let isDeclared = ["08_sql", "sql_declared"].contains(example.migration.name)
            #expect(proof.gaps.isEmpty == !isDeclared, "\(example.testDescription): \(proof.gaps)")
        }
    }

    /// From PostgreSQL 18 on NOT NULL is a constraint with a name, which the plans keep. There is nothing else to it.
    @Test func everyGoldenPlanHoldsWhereNotNullHasAName() throws {
        var named = 0
        for example in try ProofExample.all(.postgres) {
            var schema = example.schema
            for table in schema.tables.indices {
                for column in schema.tables[table].columns.indices
                where !schema.tables[table].columns[column].isNullable {
                    schema.tables[table].columns[column].notNullName = "the \"rule\" of \(column)"
                }
            }
            let other = try ProofExample(example.migration, schema)
            if other.plan != example.plan { named += 1 }
            let (proof, expected) = (other.proof(), example.proof())
            #expect(proof.holds == expected.holds, "\(example.testDescription): \(proof.faults)")
            #expect(proof.states == expected.states, "\(example.testDescription)")
            #expect(proof.gaps == expected.gaps, "\(example.testDescription)")
        }
        #expect(named > 3)
    }

    /// With a third instance nothing new comes up.
    @Test func threeInstancesFindNothingThatTwoDoNot() throws {
        for example in try ProofExample.all(.sqlite) {
            guard let facts = ShapeFacts(example.migration.operations[0], in: example.schema),
                facts.sync == .doubleWrite
            else { continue }
            let program = ShapeProgram(example.plan, operation: 1, facts: facts)
            for crew: [ShapeMachine.Kind] in [[.helper, .helper, .own], [.helper, .own, .own]] {
                let exploration = Exploration(ShapeMachine(program, crew: crew), limit: 100_000)
                #expect(exploration.isComplete)
                #expect(exploration.faults == [], "\(example.testDescription)")
            }
        }
    }

    @Test func oneLine() throws {
        let line = try ProofExample.named("04_rename_column", .sqlite).proof().line
        #expect(
            line
                == "checked: 286 states, no lost write, no stale read, releases can be rolled back one at a time at every step"
        )
        let declared = try ProofExample.named("08_sql", .sqlite).proof().line
        #expect(declared == "not checked; operation 1 (sql) is declared and not proven")
    }

    /// Names that look like SQL are names all the same: the same states as with plain ones.
    @Test(arguments: Dialect.allCases)
    func namesAreNoSQL(dialect: Dialect) throws {
        func proof(_ from: String, _ to: String, in table: String) throws -> PlanProof {
            try ProofExample.renaming(from, to, in: TableName(table), dialect).proof()
        }
        let plain = try proof("kind", "species", in: "animals")
        #expect(plain.holds && plain.states > 100)
        let names = [
            ("a\" IS NULL --", "b` = `a"), ("a, b (c", ") OR (a"), ("select", "from"), ("'", "\""),
            ("🐕 x", "NOT NULL"), (String(repeating: "o", count: 40), String(repeating: "n", count: 40)),
        ]
        for (from, to) in names {
            let hostile = try proof(from, to, in: "t \"of; `x`")
            #expect(hostile.holds && hostile.states == plain.states, "\(from) \(to)")
        }
    }

    /// The CHECK of the new column may have the name of the old one's, and the columns exchange theirs.
    @Test func aCheckIsOnTheColumnThatHasTheName() throws {
        let schema = Schema.animals(.postgres) { table in
            table.columns[2].isNullable = false
            table.checks = [
                CheckConstraint(
                    name: "animals_age_check", definition: SQLTemplate("CHECK ({age} > 0)"), columns: ["age"])
            ]
        }
        let change = ChangeColumn(
            table: "animals", from: "age", to: "age", type: "bigint", check: "age >= 12", up: "age * 12",
            down: "age / 12")
        let example = try ProofExample(
            Migration(name: "m", operations: [.changeColumn(change)]), schema)
        let proof = example.proof()
        #expect(proof.holds && proof.gaps.isEmpty, "\(proof.faults)")
        let left = example.plan.restating("1.transition.flip-new") { statements in
            statements.map { $0.replacing(", DROP CONSTRAINT \"animals_age_check\"", with: "") }
        }
        #expect(left != example.plan)
        #expect(example.proof(of: left).faults.map(\.kind).contains(.constraint))
    }

    /// A plan that is not safe is refused, with the way to what is wrong.
    @Test func aDefectivePlanIsRefused() throws {
        let example = try ProofExample.named("04_rename_column", .sqlite)
        let defective = example.plan.without(
            "1.transition.flip-both-read-new", "1.transition.release-read-new")
        let error = try #require(throws: PlanningProblems.self) {
            try Planner(dialect: .sqlite).proven(defective, of: example.migration, from: example.schema)
        }
        let message = try #require(error.problems.first { $0.message.contains("stale read") }?.message)
        #expect(
            message.hasPrefix("the plan of it is not safe: a stale read is possible, so nothing of it is run")
        )
        #expect(message.contains("\n  1. instance 1 ("))
        #expect(message.contains("[1.transition.flip-new] write only 'species'"))
        #expect(
            try Planner(dialect: .sqlite).proven(example.plan, of: example.migration, from: example.schema)
                .proof?.holds == true)
    }

    /// What statements of one's own declare takes part; that it is so is not proven.
    @Test func whatIsDeclaredIsTakenAtItsWord() throws {
        let proof = try ProofExample.named("sql_declared", .sqlite).proof()
        #expect(proof.holds && proof.parts.count == 1)
        #expect(proof.line.hasSuffix("at every step; operation 1 (sql) is taken at its word"))
    }

    /// What cannot be seen is told.
    @Test func aStatementThatIsNotUnderstoodIsTold() throws {
        let example = try ProofExample.named("04_rename_column", .postgres)
        let strange = example.plan.restating("1.expand.add-column") { $0 + ["VACUUM animals"] }
        #expect(
            example.proof(of: strange).line.hasSuffix("; operation 1: 'VACUUM animals' was not understood"))
    }

    /// Operations apart from each other are looked at apart, so the states add up and do not multiply.
    @Test func tenOperationsAreTenTimesOne() throws {
        let letters = "abcdefghij".map(String.init)
        let table = Table(
            name: "t",
            columns: [Column(name: "id", type: "integer", isNullable: false)]
                + letters.map { Column(name: $0, type: "text") }, primaryKey: ["id"])
        func proof(_ letters: [String]) throws -> PlanProof {
            try ProofExample(
                Migration(
                    name: "m",
                    operations: letters.map {
                        .renameColumn(RenameColumn(table: "t", from: $0, to: $0 + $0))
                    }), Schema(dialect: .sqlite, tables: [table])
            ).proof()
        }
        let (one, ten) = (try proof(["a"]), try proof(letters))
        #expect(ten.holds && ten.parts.count == 10)
        #expect(ten.states == one.states * 10)
    }

    /// Rules of one table that have nothing to do with each other are looked at apart as well.
    @Test func tenRulesOfOneTableAreTenTimesOne() throws {
        let checks = (0..<10).map { number in
            MigrationCore.Operation.addCheck(
                AddCheck(table: "animals", name: "c\(number)", check: PerDialect("age > \(number)")))
        }
        func proof(_ operations: [MigrationCore.Operation]) throws -> PlanProof {
            try ProofExample(Migration(name: "m", operations: operations), .animals(.postgres)).proof()
        }
        let (one, ten) = (try proof([checks[0]]), try proof(checks))
        #expect(ten.holds && ten.parts.count == 10)
        #expect(ten.states == one.states * 10)
    }

    /// What a migration of ten operations of the dearest kinds costs, counted and not timed.
    @Test func tenOperationsAreFewStates() throws {
        let names = ["rename_column", "change_type", "split_column", "move_column", "extract_table"]
        let states = try names.map { name in
            let isFirst = name == "rename_column"
            return try ProofExample.named(isFirst ? "04_rename_column" : name, .postgres).proof().states
        }
        let dearest = try #require(states.max())
        #expect(dearest < 12_000, "\(states)")
    }
}
