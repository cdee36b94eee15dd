import DoubleWrite
import MigrationCore

/// `plan --format json`: every migration with its phases; where exactly one is planned, its phases at the top
/// as well.
struct PlansJSON: Encodable {
    var migrations: [PlanJSON]
    var phases: [PlanJSON.Phase]?

    init(_ plans: [Plan]) {
        migrations = plans.map(PlanJSON.init)
        phases = migrations.count == 1 ? migrations.first?.phases : nil
    }
}

/// One plan.
struct PlanJSON: Encodable {
    struct Phase: Encodable {
        var phase: String
        var steps: [StepJSON]
    }

    struct Table: Encodable {
        var table: String
        var rows: Nullable<Int64>
        var bytes: Nullable<Int64>
    }

    struct UndoableUntil: Encodable {
        var step: String
        var number: Int
        var reason: String
    }

    /// What came of looking at the plan in every order.
    struct Proof: Encodable {
        var holds: Bool
        var states: Int
        var line: String
        var gaps: [String]
    }

    var migration: String
    var description: Nullable<String>
    var dialect: Dialect
    var phases: [Phase]
    /// The tables that it touches and how large they are, as far as the database's statistics know.
    var tables: [Table]
    var warnings: [String]
    var unresolved: [String]
    var undoableUntil: Nullable<UndoableUntil>
    var proof: Nullable<Proof>

    init(_ plan: Plan) {
        migration = plan.migration
        description = Nullable(plan.description)
        dialect = plan.dialect
        let numbers = Dictionary(
            plan.steps.enumerated().map { ($0.element.step.id, $0.offset + 1) },
            uniquingKeysWith: { first, _ in first })
        phases = plan.phases.map { phase in
            Phase(
                phase: phase.phase.rawValue,
                steps: phase.steps.map { StepJSON($0, number: numbers[$0.id], plan.dialect) })
        }
        tables = (plan.sizes ?? []).map {
            Table(table: $0.table.description, rows: Nullable($0.rows), bytes: Nullable($0.bytes))
        }
        warnings = plan.warnings
        unresolved = plan.unresolved
        undoableUntil = Nullable(
            plan.pointOfNoReturn.map { point in
                UndoableUntil(step: point.step, number: numbers[point.step] ?? 0, reason: point.reason)
            })
        proof = Nullable(
            plan.proof.map {
                Proof(holds: $0.holds, states: $0.states, line: $0.line, gaps: $0.gaps)
            })
    }
}

/// One step of a plan, or of a step's undo.
struct StepJSON: Encodable {
    var id: String
    /// Over the whole plan, from 1; none for a step of an undo.
    var number: Int?
    var kind: String
    var title: String
    var explanation: String
    var sql: [String]
    /// `ACCESS EXCLUSIVE on animals, for a moment`.
    var lock: Nullable<String>
    var scans: Bool
    var rewrites: Bool
    var settlesFirst: Bool
    var reversible: Bool
    /// What an attestation must say, for a release.
    var needs: String?
    var acceptsHelper: Bool?
    var undo: [StepJSON]

    init(_ step: Step, number: Int? = nil, _ dialect: Dialect) {
        id = step.id
        self.number = number
        kind = step.kind.rawValue
        title = step.title
        explanation = step.explanation
        sql = step.sql(dialect)
        lock = Nullable(step.lock.map { "\($0.mode) on \($0.object), \($0.duration)" })
        scans = step.scans
        rewrites = step.rewrites
        settlesFirst = step.settlesFirst
        reversible = step.isReversible
        if case .release(let release) = step.action {
            needs = release.needs.rawValue
            acceptsHelper = release.acceptsHelper
        }
        undo = step.undo.map { StepJSON($0, dialect) }
    }
}
