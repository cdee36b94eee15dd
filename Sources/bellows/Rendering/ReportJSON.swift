import DoubleWrite
import MigrationCore
import MigrationEngine

/// `apply --format json`, `rollback --format json`.
struct ReportJSON: Encodable {
    struct Migration: Encodable {
        var migration: String
        var direction: String
        var outcome: String
        var next: Nullable<String>
        var phase: Nullable<String>
        var step: Nullable<StepPositionJSON>
        var waitsFor: [GateJSON]
        var stepsRun: Int
        var rows: Int64
    }

    var migrations: [Migration]
    var exitCode: Int32

    init(_ report: ApplyReport, _ commands: CommandWords) {
        exitCode = report.exitCode
        migrations = report.migrations.map { migration in
            var next: Phase?
            let outcome: String
            switch migration.outcome {
            case .finished: outcome = "finished"
            case .rolledBack: outcome = "rolled-back"
            case .waiting: outcome = "waiting"
            case .reached(let phase):
                outcome = "reached"
                next = phase
            }
            return Migration(
                migration: migration.name, direction: migration.direction.rawValue, outcome: outcome,
                next: Nullable(next?.rawValue), phase: Nullable(migration.phase?.rawValue),
                step: Nullable(migration.step.map(StepPositionJSON.init)),
                waitsFor: migration.unmetGates.map {
                    GateJSON($0, migration.direction, migration.step?.phase, commands)
                },
                stepsRun: migration.stepsRun, rows: migration.rows)
        }
    }
}

/// One count of violations.
struct VerificationJSON: Encodable {
    struct Invariant: Encodable {
        var name: String
        var violations: Int64
    }

    var migration: String
    var step: String
    var table: String
    var at: String
    var snapshot: String
    var rows: Int64
    var holds: Bool
    var invariants: [Invariant]
    /// A few of the rows, as the text shows them; none in the evidence of an earlier run.
    var samples: SamplesJSON

    init(_ report: VerificationReport) {
        migration = report.migration
        step = report.step
        table = report.table.description
        at = report.at.description
        snapshot = report.snapshot
        rows = report.rows
        holds = report.holds
        samples = SamplesJSON(report.samples)
        invariants = report.counts.map { Invariant(name: $0.name, violations: $0.violations) }
    }
}

/// `attest --format json`.
struct AttestationJSON: Encodable {
    var application: String
    var conduct: String
    var release: Nullable<String>
    var migrations: [String]

    init(_ attestation: Attestation, migrations: [String]) {
        application = attestation.application
        conduct = attestation.conduct.rawValue
        release = Nullable(attestation.release)
        self.migrations = migrations
    }
}
