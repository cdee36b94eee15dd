internal import MigrationCore

/// Tells how fast a backfill goes, a few times a second.
struct ProgressMeter {
    private let step: Step
    private let migration: String
    private let tables: [PagedTable]
    private let rowsBefore: Int64
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant?
    private var firstFraction: Double?

    /// - Parameter tables: Those that hold the rows, where they lie in pages.
    init(_ work: BackfillWork, _ tables: [PagedTable], rowsBefore: Int64) {
        self.init(step: work.step, migration: work.place.migration, tables, rowsBefore: rowsBefore)
    }

    init(step: Step, migration: String, _ tables: [PagedTable] = [], rowsBefore: Int64) {
        self.step = step
        self.migration = migration
        self.tables = tables
        self.rowsBefore = rowsBefore
    }

    /// The event that is due after a batch, if any: five a second, and one at the end of the pass.
    mutating func event(_ cursor: BackfillCursor, _ result: BatchResult) -> EngineEvent? {
        event(cursor, result.fraction, result.rowsTotal, isDue: result.isPassComplete)
    }

    /// The event that is due while pages are swept, if any: the table is the one of that number.
    mutating func event(_ sweep: PageSweep, _ number: Int, isComplete: Bool) -> EngineEvent? {
        func pages(_ tables: some Sequence<PagedTable>) -> Double {
            tables.reduce(0) { $0 + Double($1.pages) }
        }
        let all = max(1, pages(tables))
        let done = pages(tables[..<number]) + sweep.fraction * Double(sweep.table.pages)
        let rows = tables.reduce(0) { $0 + $1.rows }
        let isLast = isComplete && number == tables.count - 1
        return event(
            sweep.cursor, isLast ? 1 : done / all, rows > 0 ? rows : nil, isDue: isLast)
    }

    private mutating func event(
        _ cursor: BackfillCursor, _ fraction: Double, _ rowsTotal: Int64?, isDue: Bool
    ) -> EngineEvent? {
        let now = ContinuousClock.now
        let before = firstFraction ?? fraction
        firstFraction = before
        if let last, now - last < .milliseconds(200), !isDue { return nil }
        last = now
        let elapsed = (now - start) / .seconds(1)
        let done = fraction - before
        let left = done > 0.001 ? (now - start) * ((1 - fraction) / done) : nil
        return .progress(
            migration: migration, step: step,
            Progress(
                rowsDone: cursor.rows, rowsTotal: rowsTotal, fraction: fraction, pass: cursor.pass,
                rowsPerSecond: elapsed > 0 ? Double(cursor.rows - rowsBefore) / elapsed : 0, remaining: left))
    }
}
