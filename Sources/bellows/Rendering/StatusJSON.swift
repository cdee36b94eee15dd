import DoubleWrite
import MigrationCore
import MigrationEngine

/// `status --format json`.
struct StatusJSON: Encodable {
    struct Migration: Encodable {
        var migration: String
        var description: Nullable<String>
        var state: String
        var phase: Nullable<String>
        var step: Nullable<StepPositionJSON>
        var waitsFor: [GateJSON]
        var evidence: [VerificationJSON]
        var rows: Int64
        var error: Nullable<String>
        var started: Nullable<String>
        var finished: Nullable<String>
        var edited: Bool
        var fileMissing: Bool
    }

    struct Drift: Encodable {
        var table: String
        var missing: [String]
        var extra: [String]
    }

    struct Stage: Encodable {
        var change: String
        var stage: String
        var epoch: Int64
        var generation: Int
        var settled: Bool
    }

    /// Writes of the old shape alone that a guard has healed and counted.
    struct Strays: Encodable {
        var change: String
        var stage: Nullable<String>
        var writes: Int64
        var last: String
        var role: Nullable<String>
        var application: Nullable<String>
    }

    struct Lease: Encodable {
        var host: String
        var process: Int64
        var user: String
        var since: String
        var expires: String
    }

    var migrations: [Migration]
    var drift: [Drift]
    var stages: [Stage]
    var strays: [Strays]
    var lease: Nullable<Lease>
    var pause: Nullable<PauseJSON>

    init(_ report: StatusReport, _ commands: CommandWords) {
        migrations = report.migrations.map { migration in
            let direction: Direction = migration.state == .rollingBack ? .undo : .forward
            return Migration(
                migration: migration.name, description: Nullable(migration.description),
                state: migration.state.rawValue, phase: Nullable(migration.phase?.rawValue),
                step: Nullable(migration.step.map(StepPositionJSON.init)),
                waitsFor: migration.waitsFor.map {
                    GateJSON($0, direction, migration.step?.phase, commands)
                },
                evidence: migration.evidence.map(VerificationJSON.init), rows: migration.rows,
                error: Nullable(migration.error), started: Nullable(migration.started?.description),
                finished: Nullable(migration.finished?.description), edited: migration.isEdited,
                fileMissing: migration.isFileMissing)
        }
        drift = report.drift.map { Drift(table: $0.table.description, missing: $0.missing, extra: $0.extra) }
        stages = report.stages.map {
            Stage(
                change: $0.change.name, stage: $0.stage.rawValue, epoch: $0.epoch, generation: $0.generation,
                settled: $0.isSettled)
        }
        pause = Nullable(report.pause.map(PauseJSON.init))
        strays = report.strays.map {
            Strays(
                change: $0.change.name, stage: Nullable($0.stage?.rawValue), writes: $0.writes,
                last: $0.last.description, role: Nullable($0.role), application: Nullable($0.application))
        }
        lease = Nullable(
            report.lease.map {
                Lease(
                    host: $0.host, process: $0.processID, user: $0.user, since: $0.since.description,
                    expires: $0.expires.description)
            })
    }
}

/// A step, and where it stands.
struct StepPositionJSON: Encodable {
    var id: String
    var title: String
    var phase: String
    var number: Int
    var count: Int

    init(_ position: StepPosition) {
        id = position.step.id
        title = position.step.title
        phase = position.phase.rawValue
        number = position.number
        count = position.count
    }
}

/// A gate that does not hold, and the commands that would meet it.
struct GateJSON: Encodable {
    var step: String
    var title: String
    var condition: String
    var reason: String
    var commands: [String]
    /// The applications that are not attested, for a release.
    var applications: [String]?
    /// What was counted, for violations.
    var verification: VerificationJSON?

    init(_ gate: UnmetGate, _ direction: Direction, _ phase: Phase?, _ commands: CommandWords) {
        let text = GateText(gate: gate, direction: direction, phase: phase, commands: commands)
        step = gate.step
        title = gate.title
        reason = text.words
        self.commands = text.remedies
        switch gate.condition {
        case .release(let missing):
            condition = "release"
            applications = missing.map(\.application)
        case .soak: condition = "soak"
        case .transactions: condition = "transactions"
        case .violations(let report):
            condition = "violations"
            verification = VerificationJSON(report)
        case .held: condition = "held"
        case .migrations: condition = "migrations"
        }
    }
}
