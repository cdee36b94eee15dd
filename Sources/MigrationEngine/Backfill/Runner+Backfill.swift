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
    func backfill(
        _ backfill: Backfill, _ step: Step, _ place: StepPlace, _ saved: StepRecord?
    ) throws -> Int64 {
        var cursor = BackfillCursor(size: settings.faults.batchSize ?? database.batchTarget.firstSize)
        if let progress = saved?.progress {
            cursor = try StoredJSON.value(BackfillCursor.self, from: progress, what: "the backfill's cursor")
        }
        try attempting(nil) { try store.start(place) }
        // Each run has all its passes: what held up the one before may be gone.
        var passes = 1
        while true {
            try sweep(backfill, step, place, &cursor)
            if try count(backfill) == 0 { break }
            guard passes < Self.passLimit else {
                throw try stuck(backfill, place, passes, hasSkipped: cursor.hasSkipped)
            }
            if cursor.rowsInPass == 0, settings.faults.pauses { Pause.backingOff(passes) }
            cursor.startPass()
            passes += 1
        }
        let rows = cursor.rows
        try once(place, on: backfill.table) { try store.save(progress: "", rows: rows, of: place) }
        return rows
    }

    /// One pass over the table, from where the cursor stands.
    private func sweep(
        _ backfill: Backfill, _ step: Step, _ place: StepPlace, _ cursor: inout BackfillCursor
    ) throws {
        let target = database.batchTarget
        var meter = ProgressMeter(step: step, migration: place.migration, rowsBefore: cursor.rows)
        while true {
            let start = ContinuousClock.now
            let result = try batch(backfill, place, &cursor)
            let elapsed = ContinuousClock.now - start
            cursor.size = settings.faults.batchSize ?? target.nextSize(after: cursor.size, took: elapsed)
            if let event = meter.event(cursor, result) { observer.observe(event) }
            if result.isPassComplete { return }
            if target.rest > 0, settings.faults.pauses {
                Pause.sleep(max(.milliseconds(1), elapsed * target.rest))
            }
        }
    }

    /// One batch and its record in one transaction. A row that somebody holds is passed over at the second
    /// attempt, so that the batch never stands between two writers.
    private func batch(
        _ backfill: Backfill, _ place: StepPlace, _ cursor: inout BackfillCursor
    ) throws -> BatchResult {
        var isFirst = true
        let (next, result) = try attempting(backfill.table) {
            let skipping = !isFirst
            isFirst = false
            var next = cursor
            let result = try database.batch(backfill, &next, skippingLocked: skipping)
            next.rows += result.rows
            next.rowsInPass += result.rows
            if skipping { next.hasSkipped = true }
            try store.save(progress: StoredJSON.text(next), rows: next.rows, of: place)
            try settings.faults.strike(.beforeCommit, place.step)
            return (next, result)
        }
        cursor = next
        try settings.faults.strike(.afterCommit, place.step)
        return result
    }

    private func count(_ backfill: Backfill) throws -> Int64 {
        let table = database.dialect.quote(backfill.table)
        return try database.reading(backfill.table) {
            try database.session.query("SELECT count(*) FROM \(table) WHERE \(backfill.mismatch)").scalar?
                .integer
                ?? 0
        }
    }

    /// The error of a backfill that does not end: whoever holds the rows, or some of those that differ.
    private func stuck(
        _ backfill: Backfill, _ place: StepPlace, _ passes: Int, hasSkipped: Bool
    ) throws -> EngineError {
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
                step: place.step, passes: passes, remaining: try count(backfill), samples: samples))
    }
}

extension BatchTarget {
    /// A size that would have taken the wanted time, at most twice or half of the one before.
    func nextSize(after size: Int, took elapsed: Duration) -> Int {
        let factor = min(2, max(0.5, duration / max(elapsed, .microseconds(1))))
        return min(sizes.upperBound, max(sizes.lowerBound, Int(Double(size) * factor)))
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
