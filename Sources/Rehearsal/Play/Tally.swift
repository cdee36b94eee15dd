/// What was counted in some schedules.
public struct Tally: Sendable, Hashable, Codable {
    /// Schedules that were played to their end.
    public var schedules = 0
    /// Steps of the plan that were carried out, forth and back.
    public var steps = 0
    /// Writes that were acknowledged: each of them is in the database, or was overwritten by a later one.
    public var writes = 0
    /// Reads, each of which saw the last acknowledged write.
    public var reads = 0
    /// Statements that were refused because somebody held a lock or was faster, and so are not counted as written.
    public var refused = 0
    /// Instances that died, some with an open transaction.
    public var crashes = 0
    /// Instances that were started (again).
    public var restarts = 0
    /// Releases that were deployed to an instance, forwards and back.
    public var deploys = 0
    /// Times that the runner died in the middle of a step.
    public var runnerCrashes = 0
    /// Times that the runner's connections were cut.
    public var cuts = 0
    /// Rollbacks that were carried out to their end.
    public var rollbacks = 0
    /// Rollbacks of a migration that was finished; those that the plan rules out changed nothing.
    public var lateRollbacks = 0
    /// Writes of single columns of a row, or of a change.
    public var partialWrites = 0
    /// Writes by code of its own that writes both shapes.
    public var ownWrites = 0
    /// Moments in which the locks of a step were looked at.
    public var looksAtLocks = 0

    /// Nothing yet.
    public init() {}

    /// Both together.
    static func + (left: Tally, right: Tally) -> Tally {
        var sum = left
        sum.schedules += right.schedules
        sum.steps += right.steps
        sum.writes += right.writes
        sum.reads += right.reads
        sum.refused += right.refused
        sum.crashes += right.crashes
        sum.restarts += right.restarts
        sum.deploys += right.deploys
        sum.runnerCrashes += right.runnerCrashes
        sum.cuts += right.cuts
        sum.rollbacks += right.rollbacks
        sum.lateRollbacks += right.lateRollbacks
        sum.partialWrites += right.partialWrites
        sum.ownWrites += right.ownWrites
        sum.looksAtLocks += right.looksAtLocks
        return sum
    }
}
