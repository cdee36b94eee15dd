package import MigrationCore

/// Where a run can be stopped to see that the next one ends in the same place. Does nothing outside the
/// tests and the rehearsal.
package struct FaultInjection: Sendable {
    /// A moment in a run's life.
    package enum Moment: String, Sendable, CaseIterable {
        /// The step is about to begin: nothing of it is recorded.
        case beforeStep
        /// Everything of a step, or the rows of a batch, is written, nothing is committed.
        case beforeCommit
        /// The commit is done, the runner does not know it yet.
        case afterCommit
        /// The same of every transaction of the run, also of those that only record something.
        case beforeAnyCommit
        case afterAnyCommit
    }

    /// What happens at a moment of the step with that id: nothing, unless a test throws or kills.
    ///
    /// Transactions that belong to no step, as the one that begins a migration, have an empty id.
    package var strike: @Sendable (_ moment: Moment, _ step: String) throws -> Void = { _, _ in }
    /// The plan that is begun instead of the one that was made: a defect that is planted to be found.
    package var plant: @Sendable (Plan) -> Plan = { $0 }
    /// How many pages (PostgreSQL) or keys (SQLite) each batch of a backfill spans; steered by time where it is `nil`.
    package var batchSize: Int?
    /// Whether transactions that were open at a flip are waited for: without that, a defect.
    package var settles = true
    /// The number that a run gives as its process's, so that one process can be several; its own where it is `nil`.
    package var processID: Int64?
    /// Whether a run pauses between attempts: one whose other side moves on the same thread has nothing to wait for.
    package var pauses = true
    /// How many pages a SQLite file may have before the disk is full.
    var pageLimit: Int?
}
