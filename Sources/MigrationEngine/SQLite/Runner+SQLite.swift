internal import DoubleWrite
internal import MigrationCore

/// The steps that only SQLite has.
extension Runner {
    func work(_ work: SQLiteWork, _ step: Step, _ place: StepPlace, _ walk: Walk) throws -> Outcome {
        guard let sqlite = database as? SQLiteDatabase else {
            throw EngineError(
                .state(message: "the plan of '\(place.migration)' is one for SQLite, and this is none"))
        }
        switch work {
        case .edit(let edit):
            try lookAgain(before: step, walk)
            return try self.edit(edit, step, place, walk, sqlite)
        case .copy(let copy): return try self.copy(copy, step, place, walk, sqlite)
        case .compare(let copy): return try compare(copy, step, place, walk, sqlite)
        case .swap(let swap):
            try lookAgain(before: step, walk)
            return try self.swap(swap, step, place, walk, sqlite)
        case .empty(let rows): return try empty(rows, place, sqlite)
        }
    }

    // MARK: - The stored text

    /// Rows that violate what an edit demands, found in its own transaction.
    private struct Violated: Error {
        var report: VerificationReport
    }

    private func edit(
        _ edit: DefinitionEdit, _ step: Step, _ place: StepPlace, _ walk: Walk, _ sqlite: SQLiteDatabase
    ) throws -> Outcome {
        do {
            try sqlite.unlocked(rowsOnly: edit.defaultColumn != nil) {
                do {
                    try editOnce(edit, place, walk, sqlite)
                } catch is SQLiteDatabase.ManyOldRows {
                    try rewriteOldRows(edit, place, sqlite)
                    try editOnce(edit, place, walk, sqlite)
                }
            }
            return .done(rows: nil)
        } catch let violated as Violated {
            return try unmet(violated.report, step, place)
        } catch is SQLiteDatabase.ManyOldRows {
            throw EngineError(
                .state(
                    message:
                        "more rows than expected do not hold '\(edit.defaultColumn ?? "")'; run the same command again"
                ))
        }
    }

    private func editOnce(
        _ edit: DefinitionEdit, _ place: StepPlace, _ walk: Walk, _ sqlite: SQLiteDatabase
    ) throws {
        try once(place, on: edit.table) {
            if let verification = edit.verification {
                let report = try sqlite.counted(verification, migration: place.migration, step: place.step)
                guard report.holds else { throw Violated(report: report) }
            }
            try changing(edit.table, walk) { try sqlite.edit(edit) }
        }
    }

    /// Batches that write each row as it is. Nobody sees a difference; a run that is stopped begins again.
    private func rewriteOldRows(_ edit: DefinitionEdit, _ place: StepPlace, _ sqlite: SQLiteDatabase) throws {
        var cursor = BackfillCursor(size: sqlite.batchTarget.firstSize)
        try sweep(&cursor, sqlite) { next in
            try attempting(edit.table) { try sqlite.rewrite(edit, &next) }
        }
    }

    private func unmet(_ report: VerificationReport, _ step: Step, _ place: StepPlace) throws -> Outcome {
        let evidence = try StoredJSON.text(StoredEvidence(report))
        try attempting(nil) {
            try store.start(place)
            try store.save(evidence: evidence, of: place)
        }
        return .unmet(
            UnmetGate(
                migration: place.migration, step: step.id, title: step.title, condition: .violations(report)))
    }

    // MARK: - The rebuild

    private func copy(
        _ copy: RowCopy, _ step: Step, _ place: StepPlace, _ walk: Walk, _ sqlite: SQLiteDatabase
    ) throws -> Outcome {
        var cursor = try cursor(walk.records[place.ordinal], sqlite)
        try attempting(nil) { try store.start(place) }
        var meter = ProgressMeter(step: step, migration: place.migration, rowsBefore: cursor.rows)
        try sweep(&cursor, sqlite) { next in
            let result = try attempting(copy.table) {
                let result = try sqlite.batch(copy, &next)
                next.rows += result.rows
                try store.save(progress: StoredJSON.text(next), rows: next.rows, of: place)
                try settings.faults.strike(.beforeCommit, place.step)
                return result
            }
            try settings.faults.strike(.afterCommit, place.step)
            if let event = meter.event(next, result) { observer.observe(event) }
            return result
        }
        let rows = cursor.rows
        try once(place, on: copy.table) { try store.save(progress: "", rows: rows, of: place) }
        return .done(rows: rows)
    }

    /// Each batch is one short read. What is written behind it is noted by the triggers, and compared again at the end.
    private func compare(
        _ copy: RowCopy, _ step: Step, _ place: StepPlace, _ walk: Walk, _ sqlite: SQLiteDatabase
    ) throws -> Outcome {
        try attempting(copy.table) {
            try store.start(place)
            try sqlite.forgetWritten(copy)
        }
        var differences: Int64 = 0
        var cursor = BackfillCursor(size: sqlite.batchTarget.firstSize)
        try sweep(&cursor, sqlite) { next in
            let result = try sqlite.reading(copy.table) { try sqlite.compare(copy, &next) }
            differences += result.rows
            return result
        }
        guard differences == 0 else { return try unmet(report(copy, differences, place), step, place) }
        try once(place, on: copy.table) {}
        return .done(rows: nil)
    }

    private func swap(
        _ swap: TableSwap, _ step: Step, _ place: StepPlace, _ walk: Walk, _ sqlite: SQLiteDatabase
    ) throws -> Outcome {
        // So that few are left for the transaction that everybody waits for.
        for _ in 0..<Self.settlingRounds {
            let areMany = try sqlite.reading(swap.rows.table) {
                try sqlite.hasWritten(swap.rows, moreThan: Self.fewWritten)
            }
            guard areMany else { break }
            let differences = try attempting(swap.rows.table) {
                try sqlite.settleWritten(swap.rows, first: Self.settledAtOnce)
            }
            guard differences == 0 else {
                return try unmet(report(swap.rows, differences, place), step, place)
            }
        }
        do {
            try sqlite.unlocked(rowsOnly: true) {
                try once(place, on: swap.rows.table) {
                    let differences = try sqlite.differencesAmongWritten(swap.rows)
                    guard differences == 0 else {
                        throw Violated(report: report(swap.rows, differences, place))
                    }
                    try changing(swap.rows.table, walk) { try sqlite.exchange(swap) }
                }
            }
        } catch let violated as Violated {
            return try unmet(violated.report, step, place)
        }
        return .done(rows: nil)
    }

    /// Writers who were faster all the time would not be waited for without end.
    private static var settlingRounds: Int { 10_000 }
    private static var settledAtOnce: Int { 500 }
    private static var fewWritten: Int { 100 }

    /// Where it was stopped it begins anew: what is left is what there is.
    private func empty(_ rows: RetiredRows, _ place: StepPlace, _ sqlite: SQLiteDatabase) throws -> Outcome {
        try attempting(nil) { try store.start(place) }
        var cursor = BackfillCursor(size: sqlite.batchTarget.firstSize)
        try sweep(&cursor, sqlite) { next in
            try attempting(rows.table) { try sqlite.delete(rows, &next) }
        }
        try once(place, on: rows.table) {}
        return .done(rows: nil)
    }

    private func report(_ copy: RowCopy, _ differences: Int64, _ place: StepPlace) -> VerificationReport {
        VerificationReport(
            migration: place.migration, step: place.step, table: copy.table,
            at: (try? store.now()) ?? Moment(milliseconds: 0), snapshot: "", rows: differences,
            counts: [.init(name: "\(copy.shadow) = \(copy.table.name)", violations: differences)])
    }

    // MARK: - Batches

    private func cursor(_ saved: StepRecord?, _ sqlite: SQLiteDatabase) throws -> BackfillCursor {
        guard let progress = saved?.progress, !progress.isEmpty else {
            return BackfillCursor(size: sqlite.batchTarget.firstSize)
        }
        return try StoredJSON.value(BackfillCursor.self, from: progress, what: "the copy's cursor")
    }

    /// One pass over a table, in batches that take about the wanted time, with pauses for others.
    private func sweep(
        _ cursor: inout BackfillCursor, _ sqlite: SQLiteDatabase,
        _ batch: (inout BackfillCursor) throws -> BatchResult
    ) throws {
        try sweepKeys(&cursor, sqlite, Brake(self)) { cursor in
            var next = cursor
            let result = try batch(&next)
            cursor = next
            return result
        }
    }
}
