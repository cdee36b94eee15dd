public import DoubleWrite
public import MigrationCore

/// Where a database and its migrations stand.
public struct StatusReport: Sendable, Hashable {
    /// Every migration of the files and of the state, by name.
    public var migrations: [MigrationStatus]
    /// What differs from what the migrations in flight recorded.
    public var drift: [Drift]
    /// The stages of all changes.
    public var stages: [ChangeStage]
    /// Writes of the old shape alone that guards have healed and counted, the latest first.
    public var strays: [StrayWrites]
    /// Who runs migrations now.
    public var lease: LeaseHolder?
    /// Who has paused backfills, where somebody has.
    public var pause: PauseNote?

    /// Made of these facts.
    public init(
        migrations: [MigrationStatus] = [], drift: [Drift] = [], stages: [ChangeStage] = [],
        strays: [StrayWrites] = [], lease: LeaseHolder? = nil
    ) {
        self.strays = strays
        self.migrations = migrations
        self.drift = drift
        self.stages = stages
        self.lease = lease
    }

    /// 4 where there is drift or an edited file, 3 where a migration waits at a gate, else 0.
    public var exitCode: Int32 {
        if !drift.isEmpty || migrations.contains(where: { $0.isEdited || $0.isFileMissing }) { return 4 }
        return migrations.contains { !$0.waitsFor.isEmpty } ? 3 : 0
    }
}

/// Where one migration stands.
public struct MigrationStatus: Sendable, Hashable {
    /// How far it is.
    public enum State: String, Sendable, Hashable {
        case pending
        case inFlight = "in-flight"
        case rollingBack = "rolling-back"
        case finished
    }

    /// The migration's name.
    public var name: String
    /// What the file says of it.
    public var description: String?
    /// How far it is.
    public var state: State
    /// The phase of the step it stands at, or of the last one.
    public var phase: Phase?
    /// The step it stands at.
    public var step: StepPosition?
    /// Gates that do not hold now.
    public var waitsFor: [UnmetGate]
    /// The verifications that were recorded, in their order.
    public var evidence: [VerificationReport]
    /// Rows that backfills wrote.
    public var rows: Int64
    /// The error that the last run ended with at this step.
    public var error: String?
    /// When it began, by the database's clock.
    public var started: Moment?
    /// When it was finished, by the database's clock.
    public var finished: Moment?
    /// Whether the file was edited after the migration began.
    public var isEdited: Bool
    /// Whether the state knows the migration, but no file does.
    public var isFileMissing: Bool

    /// Made of these facts.
    public init(
        name: String, description: String? = nil, state: State, phase: Phase? = nil,
        step: StepPosition? = nil,
        waitsFor: [UnmetGate] = [], evidence: [VerificationReport] = [], rows: Int64 = 0,
        error: String? = nil, started: Moment? = nil, finished: Moment? = nil, isEdited: Bool = false,
        isFileMissing: Bool = false
    ) {
        self.name = name
        self.description = description
        self.state = state
        self.phase = phase
        self.step = step
        self.waitsFor = waitsFor
        self.evidence = evidence
        self.rows = rows
        self.error = error
        self.started = started
        self.finished = finished
        self.isEdited = isEdited
        self.isFileMissing = isFileMissing
    }
}

/// A table that is not as the migrations in flight left it.
public struct Drift: Sendable, Hashable {
    /// The table.
    public var table: TableName
    /// What was recorded and is not there: `column "kind" text NOT NULL`.
    public var missing: [String]
    /// What is there and was not recorded.
    public var extra: [String]

    /// Made of these facts.
    public init(table: TableName, missing: [String], extra: [String]) {
        self.table = table
        self.missing = missing
        self.extra = extra
    }
}

/// The recorded stage of one change.
public struct ChangeStage: Sendable, Hashable {
    /// The change.
    public var change: ChangeID
    /// Its stage.
    public var stage: Stage
    /// How often its stage was flipped.
    public var epoch: Int64
    /// How often it was expanded.
    public var generation: Int
    /// Whether no transaction from before the last flip is open.
    public var isSettled: Bool

    /// Made of these facts.
    public init(change: ChangeID, stage: Stage, epoch: Int64, generation: Int, isSettled: Bool) {
        self.change = change
        self.stage = stage
        self.epoch = epoch
        self.generation = generation
        self.isSettled = isSettled
    }
}
