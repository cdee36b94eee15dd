internal import DoubleWrite
internal import Foundation
internal import MigrationCore

extension Runner {
    /// How many passes over a table a backfill makes at most.
    private static let passLimit = 12

    /// Writes every row in which the derived column differs, batch by batch, until one count in one snapshot
    /// is zero.
    ///
    /// A pass may miss a row that moves meanwhile; only the count is conclusive.
    ///
    /// - Returns: The rows written by all runs.
    /// - Throws: ``Brake/Held`` where it is paused or held up for too long.
    func backfill(_ work: BackfillWork, _ saved: StepRecord?) throws -> Int64 {
        var cursor = BackfillCursor(size: batchTarget.firstSize)
        if let progress = saved?.progress {
            cursor = try StoredJSON.value(BackfillCursor.self, from: progress, what: "the backfill's cursor")
        }
        try attempting(nil) { try store.start(work.place) }
        let brake = Brake(self)
        try brake.begin()
        // Each run has all its passes: what held up the one before may be gone.
        var passes = 1
        while true {
            let isBesideOthers = try sweep(work, brake, &cursor)
            // Where others write it takes no more processes than the batches did.
            if try count(work.backfill, with: isBesideOthers ? workers : nil) == 0 { break }
            guard passes < Self.passLimit else {
                throw try stuck(work, passes, hasSkipped: cursor.hasSkipped)
            }
            if cursor.rowsInPass == 0, settings.faults.pauses { Pause.backingOff(passes) }
            cursor.startPass()
            passes += 1
        }
        let rows = cursor.rows
        try once(work.place, on: work.backfill.table) {
            try store.save(progress: "", rows: rows, of: work.place)
            for other in work.others { try store.end(other, .done) }
        }
        return rows
    }

    /// The gate that a backfill is which is held up.
    func gate(_ held: Brake.Held, _ step: Step, _ place: StepPlace) -> UnmetGate {
        UnmetGate(
            migration: place.migration, step: step.id, title: step.title, condition: .held(held.reasons))
    }

    /// One pass over the table, from where the cursor stands.
    ///
    /// - Returns: Whether others wrote at its end, as far as the database tells.
    private func sweep(_ work: BackfillWork, _ brake: Brake, _ cursor: inout BackfillCursor) throws -> Bool {
        if let paged = database as? any PagedDatabase {
            return try sweepPages(work, paged, brake, &cursor)
        }
        guard let keyed = database as? any KeyedDatabase else {
            preconditionFailure("a database with neither pages nor keys")
        }
        var meter = ProgressMeter(work, [], rowsBefore: cursor.rows)
        try sweepKeys(&cursor, keyed, brake) { next in
            let (after, result) = try attempting(work.backfill.table) {
                var after = next
                let result = try keyed.batch(work.backfill, &after)
                after.rows += result.rows
                after.rowsInPass += result.rows
                try store.save(progress: StoredJSON.text(after), rows: after.rows, of: work.place)
                try settings.faults.strike(.beforeCommit, work.place.step)
                return (after, result)
            }
            next = after
            try settings.faults.strike(.afterCommit, work.place.step)
            if let event = meter.event(after, result) { observer.observe(event) }
            return result
        }
        return false
    }

    /// One pass over the keys of a table, in batches that take about the wanted time, with pauses for others.
    ///
    /// - Parameter batch: Does the next one, and moves the cursor behind it.
    func sweepKeys(
        _ cursor: inout BackfillCursor, _ database: any KeyedDatabase, _ brake: Brake,
        _ batch: (inout BackfillCursor) throws -> BatchResult
    ) throws {
        try database.committingLazily { try sweepBatches(&cursor, database, brake, batch) }
    }

    private func sweepBatches(
        _ cursor: inout BackfillCursor, _ database: any KeyedDatabase, _ brake: Brake,
        _ batch: (inout BackfillCursor) throws -> BatchResult
    ) throws {
        var pace = BatchPace(batchTarget, size: cursor.size)
        while true {
            try brake.wait()
            let start = ContinuousClock.now
            cursor.size = pace.size
            let result = try batch(&cursor)
            let elapsed = ContinuousClock.now - start
            if result.isPassComplete { return }
            let mayOthersWrite = try database.mayOthersWrite()
            pace.note(
                size: cursor.size, rows: result.rows, took: elapsed, doOthersWrite: mayOthersWrite)
            if settings.faults.pauses {
                let rest = mayOthersWrite ? database.rest(after: elapsed) : .zero
                try pause(settings.pacing.nice.map { max(.milliseconds(1), elapsed * $0) } ?? rest)
            }
        }
    }

    /// Pauses for others: behind a batch that took long that is long as well, so a run that is asked to end does so in it.
    func pause(_ duration: Duration) throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            try settings.stop?.check()
            Pause.sleep(min(.milliseconds(50), end - .now))
        }
    }

    /// How large batches may be: as the database has it, but for what the settings say.
    var batchTarget: BatchTarget {
        var target = database.batchTarget
        target.duration = settings.pacing.batchTime ?? target.duration
        if let sizes = settings.pacing.sizes {
            target.sizes = sizes
            target.firstSize = sizes.lowerBound
        }
        if let size = settings.faults.batchSize {
            target.sizes = size...size
            target.firstSize = size
        }
        return target
    }

    /// Counts the rows that differ in one snapshot.
    private func count(_ backfill: Backfill, with processes: Int?) throws -> Int64 {
        let table = database.dialect.quote(backfill.table)
        return try database.reading(backfill.table, with: processes) {
            try database.session.query("SELECT count(*) FROM \(table) WHERE \(backfill.mismatch)")
                .scalar?.integer ?? 0
        }
    }

    /// The error of a backfill that does not end: whoever holds the rows, or some of those that differ.
    private func stuck(_ work: BackfillWork, _ passes: Int, hasSkipped: Bool) throws -> EngineError {
        let backfill = work.backfill
        if hasSkipped {
            return EngineError(
                .lockTimeout(
                    object: "rows of '\(backfill.table)'", attempts: passes,
                    blockers: try database.blockers(of: backfill.table)))
        }
        let key = backfill.key.isEmpty ? "count(*)" : database.dialect.quote(backfill.key)
        let table = database.dialect.quote(backfill.table)
        let rows = try database.reading(backfill.table) {
            try database.session.query("SELECT \(key) FROM \(table) WHERE \(backfill.mismatch) LIMIT 5").rows
        }
        let samples = rows.map { row in
            zip(backfill.key, row).map { "\($0) = \($1.inWords)" }.joined(separator: ", ")
        }
        return EngineError(
            .backfillStuck(
                step: work.place.step, passes: passes, remaining: try count(backfill, with: workers),
                samples: samples))
    }
}

extension SQLValue {
    /// The value as a message shows it.
    var inWords: String {
        switch self {
        case .null: "NULL"
        case .boolean(let boolean): "\(boolean)"
        case .integer(let integer): "\(integer)"
        case .real(let real): "\(real)"
        case .text(let text): "'\(text.oneLine(atMost: 40))'"
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }
}
