internal import DoubleWrite
internal import MigrationCore

/// A row of the migrations table.
struct MigrationRecord: Sendable {
    enum Status: String, Sendable {
        case running, finished, undone
    }

    var name: String
    var checksum: String
    /// How often it was begun or turned back, from 1. Steps are recorded per run.
    var run: Int64
    var direction: Direction
    var plan: Plan
    var phase: Phase?
    var status: Status
    /// Flips and attestations so far.
    var marks: Int64
    /// The mark up to which everything has settled.
    var settledMarks: Int64
    /// The transactions that are waited for, as stored.
    var openTransactions: String?
    /// What used the columns that the plan takes away when it began, in words.
    var uses: [String]
    var started: Moment
    var finished: Moment?

    /// Whether it has begun and is not at its end, in either direction.
    var isInFlight: Bool { status == .running }
    var isSettled: Bool { settledMarks >= marks }
}

/// A row of the steps table.
struct StepRecord: Sendable {
    enum Status: String, Sendable {
        case running, done
        /// Passed over, since nothing else writes to the database.
        case passed
    }

    /// The step's place in its run's plan, from 0.
    var ordinal: Int
    var step: String
    var status: Status
    /// How far a step that takes long is: its own JSON.
    var progress: String?
    var rows: Int64
    var started: Moment
    var finished: Moment?
    var error: String?
    /// A verification's JSON.
    var evidence: String?

    var isOver: Bool { status != .running }
}
