import DoubleWrite
import Testing

@testable import MigrationCore

@Suite struct KnownProofsTests {
    /// Renames a column of a table.
    private static func question(
        _ table: String = "animals", _ dialect: Dialect = .postgres, from: String = "weight"
    ) throws -> KnownProofs.Question {
        let example = try ProofExample.renaming(from, "mass", in: TableName(table), dialect)
        return KnownProofs.Question(
            migration: example.migration, plan: example.plan, schema: example.schema)
    }

    /// How often each of some questions was proven, asked one after the other.
    private static func proofs(of questions: [KnownProofs.Question], limit: Int) -> Int {
        let known = KnownProofs(limit: limit)
        var count = 0
        for (index, question) in questions.enumerated() {
            let proof = known.proof(for: question) {
                count += 1
                return PlanProof(parts: [.init(operations: [$0.migration.operations.count], states: index)])
            }
            #expect(proof.parts.count == 1)
        }
        return count
    }

    @Test(arguments: Dialect.allCases) func aPlanIsProvenOnce(dialect: Dialect) throws {
        let question = try Self.question("animals", dialect)
        let known = KnownProofs(limit: 2)
        let first = known.proof(for: question) {
            PlanProver($0.plan, of: $0.migration, from: $0.schema).prove()
        }
        #expect(first.holds)
        let second = known.proof(for: try Self.question("animals", dialect)) { _ in PlanProof(parts: []) }
        #expect(second == first)
    }

    @Test func whatDiffersIsProvenForItself() throws {
        let question = try Self.question()
        var schema = question
        schema.schema.tables[0].columns[1].isNullable.toggle()
        var plan = question
        plan.plan.phases[1].steps.removeLast()
        var migration = question
        migration.migration.name = "0002_mass"
        #expect(Self.proofs(of: [question, schema, plan, migration, question, plan], limit: 9) == 4)
    }

    @Test func databasesThatDifferInSizeOnlyShareAProof() throws {
        let small = try Self.question()
        var large = small
        large.schema.tables[0].estimatedRows = 1_000_000
        large.schema.tables[0].bytes = 1 << 30
        large.plan.sizes = [TableSize(table: "animals", rows: 1_000_000, bytes: 1 << 30)]
        #expect(Self.proofs(of: [small, large], limit: 9) == 1)
    }

    @Test func theOldestIsForgotten() throws {
        let questions = try ["animals", "houses", "keepers"].map { try Self.question($0) }
        #expect(Self.proofs(of: questions + [questions[2], questions[1], questions[0]], limit: 2) == 4)
    }

    /// These two names look the same, and Swift's strings take them for equal.
    @Test func namesThatOnlyLookTheSameAreToldApart() throws {
        let one = try Self.question(from: "caf\u{E9}")
        let other = try Self.question(from: "cafe\u{301}")
        #expect(one == other)
        #expect(Self.proofs(of: [one, other], limit: 9) == 2)
    }
}
