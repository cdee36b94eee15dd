internal import MigrationCore

/// Tells how fast a backfill goes, a few times a second.
struct ProgressMeter {
    private let step: Step
    private let migration: String
    private let rowsBefore: Int64
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant?
    private var firstFraction: Double?

    init(step: Step, migration: String, rowsBefore: Int64) {
        self.step = step
        self.migration = migration
        self.rowsBefore = rowsBefore
    }

    /// The event that is due after a batch, if any: five a second, and one at the end of the pass.
    mutating func event(_ cursor: BackfillCursor, _ result: BatchResult) -> EngineEvent? {
        let now = ContinuousClock.now
        let before = firstFraction ?? result.fraction
        firstFraction = before
        if let last, now - last < .milliseconds(200), !result.isPassComplete { return nil }
        last = now
        let elapsed = (now - start) / .seconds(1)
        let done = result.fraction - before
        let left = done > 0.001 ? (now - start) * ((1 - result.fraction) / done) : nil
        return .progress(
            migration: migration, step: step,
            Progress(
                rowsDone: cursor.rows, rowsTotal: result.rowsTotal, fraction: result.fraction,
                pass: cursor.pass,
                rowsPerSecond: elapsed > 0 ? Double(cursor.rows - rowsBefore) / elapsed : 0, remaining: left))
    }
}
