public import MigrationCore

/// What `apply` or `rollback` came to.
public struct ApplyReport: Sendable, Hashable {
    /// The migrations that were looked at, in their order.
    public var migrations: [MigrationReport]

    /// Made of these facts.
    public init(migrations: [MigrationReport] = []) { self.migrations = migrations }

    /// 0, or 3 where a migration waits at a gate.
    public var exitCode: Int32 { migrations.contains { !$0.unmetGates.isEmpty } ? 3 : 0 }
}

/// What one migration came to.
public struct MigrationReport: Sendable, Hashable {
    /// Where the run left it.
    public enum Outcome: Sendable, Hashable {
        /// Every step is done.
        case finished
        /// As far as was asked; `next` is the phase that was not asked for.
        case reached(next: Phase)
        /// At a gate that does not hold yet.
        case waiting([UnmetGate])
        /// Taken back: it is pending again.
        case rolledBack
    }

    /// The migration's name.
    public var name: String
    /// Whether it goes on or back.
    public var direction: Direction
    /// Where the run left it.
    public var outcome: Outcome
    /// The phase of the last step that is done, where there is one.
    public var phase: Phase?
    /// The step it stands at, where steps are left.
    public var step: StepPosition?
    /// Steps that this run did. Zero where there was nothing to do.
    public var stepsRun: Int
    /// Rows that this run's backfills wrote.
    public var rows: Int64

    /// Made of these facts.
    public init(
        name: String, direction: Direction, outcome: Outcome, phase: Phase? = nil, step: StepPosition? = nil,
        stepsRun: Int = 0, rows: Int64 = 0
    ) {
        self.name = name
        self.direction = direction
        self.outcome = outcome
        self.phase = phase
        self.step = step
        self.stepsRun = stepsRun
        self.rows = rows
    }

    /// What it waits for; empty where it waits for nothing.
    public var unmetGates: [UnmetGate] {
        if case .waiting(let gates) = outcome { gates } else { [] }
    }
}

/// A step, and where in the run it stands.
public struct StepPosition: Sendable, Hashable {
    /// The phase that the step belongs to.
    public var phase: Phase
    /// The step itself.
    public var step: Step
    /// From 1.
    public var number: Int
    /// How many steps there are.
    public var count: Int

    /// Made of these facts.
    public init(phase: Phase, step: Step, number: Int, count: Int) {
        self.phase = phase
        self.step = step
        self.number = number
        self.count = count
    }
}
