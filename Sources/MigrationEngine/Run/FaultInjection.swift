/// Where a run can be stopped to see that the next one ends in the same place. Does nothing outside the
/// tests.
struct FaultInjection: Sendable {
    /// A moment in a run's life.
    enum Moment: String, Sendable, CaseIterable {
        /// The step is about to begin: nothing of it is recorded.
        case beforeStep
        /// Everything of a step or a batch is written, nothing is committed.
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
    var strike: @Sendable (_ moment: Moment, _ step: String) throws -> Void = { _, _ in }
    /// How many pages a SQLite file may have before the disk is full.
    var pageLimit: Int?
}
