internal import Dispatch
internal import DoubleWrite
internal import Foundation
internal import MigrationCore

/// Passes by page ranges, by several connections.
extension Runner {
    /// One pass over all pages of the table and its partitions, from where the cursor stands.
    ///
    /// - Returns: Whether others wrote at its end.
    func sweepPages(
        _ work: BackfillWork, _ database: any PagedDatabase, _ brake: Brake, _ cursor: inout BackfillCursor
    ) throws -> Bool {
        var isBesideOthers = false
        let tables = try database.reading(work.backfill.table) {
            try database.pagedTables(of: work.backfill.table)
        }
        var meter = ProgressMeter(work, tables, rowsBefore: cursor.rows)
        for (index, table) in tables.enumerated() where table.id >= cursor.table ?? .min {
            var table = table
            while true {
                let sweep = PageSweep(table, cursor, batchTarget, workers: workers(for: table))
                try self.sweep(sweep, work, database, brake) { isComplete in
                    meter.event(sweep, index, isComplete: isComplete)
                }
                cursor = sweep.cursor
                isBesideOthers = sweep.isBesideOthers
                guard sweep.isRewritten else { break }
                // A rewrite has put every row elsewhere.
                guard
                    let now = try database.pagedTables(of: work.backfill.table).first(where: {
                        $0.id == table.id
                    })
                else { break }
                table = now
            }
        }
        return isBesideOthers
    }

    /// How many connections work on a table at most.
    var workers: Int {
        max(
            1,
            settings.pacing.workers
                ?? Pacing.usualWorkers(cores: ProcessInfo.processInfo.activeProcessorCount))
    }

    /// How many connections a table is worth.
    private func workers(for table: PagedTable) -> Int {
        let worth = max(1, table.pages / max(1, settings.pacing.pagesForWorker))
        return min(workers, Int(worth))
    }

    /// Works on the pages with others beside this thread, until none are left.
    private func sweep(
        _ sweep: PageSweep, _ work: BackfillWork, _ database: any PagedDatabase, _ brake: Brake,
        _ progress: (Bool) -> EngineEvent?
    ) throws {
        let helpers = SweepHelpers()
        for number in 1..<max(2, workers(for: sweep.table)) where number < workers(for: sweep.table) {
            helpers.start(number, sweep, work, self)
        }
        func tell() {
            for event in sweep.takeEvents() { observer.observe(event) }
            if let event = progress(false) { observer.observe(event) }
        }
        do {
            try self.work(on: sweep, work, database, as: 0) {
                try brake.wait { sweep.hold($0) }
                tell()
            }
        } catch {
            sweep.fail(0, error)
        }
        helpers.wait(tell)
        try sweep.throwFailure()
        if let event = progress(true) { observer.observe(event) }
    }

    /// What one worker does: takes pages, writes them, takes the next.
    func work(
        on sweep: PageSweep, _ work: BackfillWork, _ database: any PagedDatabase, as worker: Int,
        between: () throws -> Void
    ) throws {
        while true {
            try between()
            switch sweep.next(worker) {
            case .end: return
            case .hold: Pause.sleep(.milliseconds(20))
            case .write(let range):
                let elapsed = try write(range, sweep, work, database, worker)
                if let nice = settings.pacing.nice, nice > 0 { try pause(elapsed * nice) }
            }
        }
    }

    /// One batch. A row that somebody holds is hardly waited for: whoever wants one of the rows that this has written
    /// already would wait as well. It is passed over at the second attempt.
    private func write(
        _ range: PageRange, _ sweep: PageSweep, _ work: BackfillWork, _ database: any PagedDatabase,
        _ worker: Int
    ) throws -> Duration {
        func attempt(skipping: Bool, _ lockTimeout: Duration) throws -> Duration {
            try commit(
                PageBatch(range: range, worker: worker, isSkipping: skipping), sweep, work, database,
                lockTimeout)
        }
        do {
            let elapsed = try attempt(
                skipping: false,
                min(settings.lockTimeout, max(.milliseconds(1), batchTarget.duration / 5)))
            try struckAfter(work.place)
            return elapsed
        } catch let failure as DatabaseFailure
            where failure.kind == .lockNotAvailable || failure.kind == .conflict
        {
            // By the attempts that follow.
        }
        let elapsed = try LockPatience(settings, observer).trying(
            database.lockedObject(work.backfill.table), of: work.backfill.table, in: database
        ) { try attempt(skipping: true, settings.lockTimeout) }
        try struckAfter(work.place)
        return elapsed
    }

    private func struckAfter(_ place: StepPlace) throws {
        try settings.faults.strike(.afterAnyCommit, place.step)
        try settings.faults.strike(.afterCommit, place.step)
    }

    /// The batch and its record in one transaction.
    private func commit(
        _ batch: PageBatch, _ sweep: PageSweep, _ work: BackfillWork, _ database: any PagedDatabase,
        _ lockTimeout: Duration
    ) throws -> Duration {
        let start = ContinuousClock.now
        do {
            let begun = try database.beginBatch(
                of: sweep.table, holding: token, lockTimeout: lockTimeout)
            guard begun.holdsLease else { throw leaseLost() }
            guard !begun.isRewritten else {
                database.rollback()
                sweep.rewritten(batch.worker)
                return .zero
            }
            let rows = try database.write(
                work.backfill, pages: batch.range, of: sweep.table, skippingLocked: batch.isSkipping)
            try sweep.record(batch.worker, rows: rows, skipping: batch.isSkipping) { cursor in
                try settings.faults.strike(.beforeCommit, work.place.step)
                try settings.faults.strike(.beforeAnyCommit, work.place.step)
                try database.commitBatch(
                    recording: store.statement(
                        saving: StoredJSON.text(cursor), rows: cursor.rows, of: work.place))
            }
            let elapsed = ContinuousClock.now - start
            sweep.note(batch.range, rows: rows, in: begun.transaction, took: elapsed)
            return elapsed
        } catch {
            database.rollback()
            throw error
        }
    }
}

/// The pages of one batch, and who writes them.
private struct PageBatch {
    var range: PageRange
    var worker: Int
    var isSkipping: Bool
}

/// Threads that work on a sweep beside the one that runs the plan, each with a connection of its own.
private final class SweepHelpers {
    private let group = DispatchGroup()

    func start(_ number: Int, _ sweep: PageSweep, _ work: BackfillWork, _ runner: Runner) {
        let opening = DatabaseOpening(
            location: runner.database.location, token: runner.token, busyTimeout: runner.settings.lockTimeout,
            silenceLimit: runner.settings.silenceLimit)
        let settings = runner.settings
        group.enter()
        Thread.detachNewThread { [group] in
            defer { group.leave() }
            Self.help(number, sweep, work, opening, settings)
        }
    }

    /// Waits until all have ended; `onLooking` is called now and then meanwhile.
    func wait(_ onLooking: () -> Void) {
        while group.wait(timeout: .now() + .milliseconds(100)) == .timedOut { onLooking() }
        onLooking()
    }

    private static func help(
        _ number: Int, _ sweep: PageSweep, _ work: BackfillWork, _ opening: DatabaseOpening,
        _ settings: Settings
    ) {
        let database: any TargetDatabase
        do {
            database = try opening.open()
        } catch {
            // The server may have no connection to spare: those that are there do the work.
            return sweep.tell(.note("one connection less works on the backfill: \(error)"))
        }
        defer { database.close() }
        guard let paged = database as? any PagedDatabase else { return }
        let observer = SweepObserver(sweep: sweep)
        database.patience = LockPatience(settings, observer)
        let runner = Runner(
            database: database, settings: settings, observer: observer, token: opening.token)
        do {
            try runner.work(on: sweep, work, paged, as: number) { try settings.stop?.check() }
        } catch {
            sweep.fail(number, error)
        }
    }
}
