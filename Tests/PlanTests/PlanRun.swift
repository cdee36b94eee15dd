import DoubleWrite
import MigrationCore
import Testing

/// Runs the steps of a plan against a database, one after the other, with nobody else there.
struct PlanRun {
    let database: TestDatabase

    func run(_ step: Step) throws {
        do {
            try runAction(of: step)
        } catch {
            throw Failure(step: step.id, error: "\(error)")
        }
    }

    private func runAction(of step: Step) throws {
        let dialect = database.dialect
        switch step.action {
        case .release, .soak:
            break
        case .schema(let change):
            try database.transaction(change.statements + (change.flip?.statements(dialect) ?? []))
        case .flip(let flip):
            try database.transaction(flip.statements(dialect))
        case .buildIndex(let build):
            try database.run(build.statement)
        case .dropIndex(let drop):
            try database.run(drop.statement)
        case .backfill(let backfill):
            let key = dialect.quote(backfill.key)
            try database.run("SELECT \(key) FROM \(dialect.quote(backfill.table)) ORDER BY \(key) LIMIT 1")
            for statement in backfill.statements(for: backfill.mismatch, dialect) {
                try database.run(statement)
            }
        case .sqlite(let work):
            Issue.record("\(work.table) is made anew by the engine alone: see MigrationEngineTests")
        case .verify(let verification):
            let counts = try database.run(verification.countStatement(dialect)).rows.first ?? []
            #expect(
                counts.allSatisfy { $0 == .integer(0) }, "\(step.id): rows violate its invariants: \(counts)")
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var step: String
        var error: String
        var description: String { "\(step): \(error)" }
    }
}
