import MigrationCore
import MigrationFiles

/// What `check` found, for scripts.
struct CheckJSON: Encodable {
    struct Finding: Encodable {
        var kind: String
        var trace: [String]
    }

    struct Order: Encodable {
        var file: String
        var safe: Bool
        var states: Int
        var faults: [Finding]
    }

    struct Proof: Encodable {
        var migration: String
        var proven: Bool
        var states: Int
        var line: String
        var gaps: [String]
    }

    struct Breach: Encodable {
        var migration: String
        /// The number of the step behind which it breaks, from 1.
        var step: Nullable<Int>
        var release: String
        var reason: String
        var message: String
    }

    struct Hazard: Encodable {
        var file: String
        var line: Nullable<Int>
        var column: Nullable<Int>
        var message: String
    }

    var safe: Bool
    var rollouts: [Order]
    var hazards: [Hazard]
    var migrations: [Proof]
    var releases: [String]
    var breach: Nullable<Breach>

    init(_ report: CheckReport) {
        safe = report.holds
        rollouts = report.rollouts.map { file, verdict in
            Order(
                file: file.path, safe: verdict.isSafe, states: verdict.states,
                faults: verdict.faults.map { Finding(kind: $0.kind.rawValue, trace: $0.trace) })
        }
        migrations = report.plans.map { plan in
            Proof(
                migration: plan.migration, proven: plan.proof?.holds ?? false,
                states: plan.proof?.states ?? 0,
                line: plan.proof?.line ?? "", gaps: plan.proof?.gaps ?? [])
        }
        releases = report.releases
        hazards = report.hazards.map {
            Hazard(
                file: $0.path, line: Nullable($0.position?.line), column: Nullable($0.position?.column),
                message: $0.message)
        }
        breach = Nullable(
            report.breach.map {
                Breach(
                    migration: $0.migration, step: Nullable($0.step?.number), release: $0.release,
                    reason: $0.reason, message: $0.description)
            })
    }
}
