internal import DoubleWrite
internal import Foundation
internal import MigrationCore

/// Runs stored plans: finds the next step, looks at what it waits for, does it, records it. Nothing is kept
/// in memory that the next run would need.
final class Runner {
    let database: any TargetDatabase
    let store: StateStore
    let settings: Settings
    let observer: any EngineObserver
    let token: String
    let tally: Tally
    /// Whether a rollback may go on over rows that lose values by it.
    var discardsData = false
    /// The migrations that stand at a backfill that may be done in the same pass as the next.
    var companions: [String] = []
    /// Whether a migration goes no further than to its next backfill.
    var stopsAtBackfill = false
    /// The id of the step that is being done; empty between two.
    private(set) var stepInWork = ""

    init(
        database: any TargetDatabase, settings: Settings, observer: any EngineObserver, token: String,
        tally: Tally = Tally()
    ) {
        self.database = database
        self.store = StateStore(database: database)
        self.settings = settings
        self.observer = observer
        self.token = token
        self.tally = tally
    }

    /// Advances a migration that has begun, in its direction, as far as its gates and, going forward, `limit`
    /// allow.
    func advance(_ name: String, through limit: Phase) throws -> MigrationReport {
        var walk = try walk(name)
        var report = MigrationReport(name: name, direction: walk.record.direction, outcome: .finished)
        tally.fill(&report)
        observer.observe(
            .migrationStarted(
                migration: name, direction: walk.record.direction, isResumed: !walk.records.isEmpty))
        walk = try reopenStaleVerifications(walk)
        while let index = walk.next {
            try settings.stop?.check()
            report.phase = walk.phase
            report.step = walk.position(index)
            let (phase, step) = walk.steps[index]
            if walk.record.direction == .forward, phase > limit || (stopsAtBackfill && step.isBackfill) {
                report.outcome = .reached(next: phase)
                return report
            }
            if let gate = try unmetGate(walk, index) ?? perform(walk, index, &report) {
                report.outcome = .waiting([gate])
                return report
            }
            walk = try self.walk(name)
        }
        try attempting(nil) { try store.finish(walk.record) }
        report.phase = walk.phase
        report.step = nil
        report.outcome = walk.record.direction == .forward ? .finished : .rolledBack
        return report
    }

    /// The plan and the records of a migration that has begun.
    func walk(_ name: String) throws -> Walk {
        guard let record = try store.migration(name) else {
            throw EngineError(.state(message: "'\(name)' has begun, but its record is gone"))
        }
        return Walk(record: record, steps: record.plan.steps, records: try store.steps(of: record))
    }

    private func reopenStaleVerifications(_ walk: Walk) throws -> Walk {
        let stale = walk.staleVerifications
        guard !stale.isEmpty else { return walk }
        try attempting(nil) {
            for index in stale { try store.reopen(walk.place(index)) }
        }
        return try self.walk(walk.record.name)
    }

    /// Does one step whose gates hold.
    ///
    /// - Returns: The gate that it turned out to be: a verification that does not hold.
    private func perform(_ walk: Walk, _ index: Int, _ report: inout MigrationReport) throws -> UnmetGate? {
        let (phase, step) = walk.steps[index]
        let place = walk.place(index)
        observer.observe(
            .stepStarted(
                migration: place.migration, phase: phase, step: step, number: index + 1,
                count: walk.steps.count))
        let start = ContinuousClock.now
        stepInWork = step.id
        defer { stepInWork = "" }
        do {
            try settings.faults.strike(.beforeStep, step.id)
            try checkEvidence(walk, index)
            let outcome = try run(step, place, walk)
            if case .unmet(let gate) = outcome { return gate }
            report.stepsRun += 1
            if case .done(let rows) = outcome {
                let before = walk.records[index]?.rows ?? 0
                if case .backfill = step.action { report.rows += (rows ?? 0) - before }
                tally.keep(report)
                observer.observe(
                    .stepFinished(
                        migration: place.migration, step: step, rows: rows,
                        elapsed: ContinuousClock.now - start))
                if case .backfill = step.action, let rows, before > 0 {
                    observer.observe(.note("\(rows) rows in all, \(rows - before) of them now"))
                }
            }
        } catch let held as Brake.Held {
            return gate(held, step, place)
        } catch {
            throw record(error, at: place, step)
        }
        return nil
    }

    /// What became of a step.
    enum Outcome {
        /// The rows it wrote or counted, where it did.
        case done(rows: Int64?)
        case passedOver
        case unmet(UnmetGate)
    }

    /// Says who will hold the step up, before it queues and everybody else queues behind it.
    private func warnOfOldTransactions(before step: Step, _ walk: Walk) throws {
        let tables: [TableName]
        switch step.action {
        case .schema(let change): tables = change.table.map { [$0] } ?? walk.record.plan.tables
        case .buildIndex(let index): tables = [index.table]
        case .dropIndex(let index): tables = [index.table]
        case .release, .soak, .flip, .backfill, .sqlite, .verify: return
        }
        let old = try database.oldTransactions(before: step, on: tables, age: settings.lockTimeout)
        if !old.isEmpty { observer.observe(.oldTransactions(step: step, old)) }
    }

    private func run(_ step: Step, _ place: StepPlace, _ walk: Walk) throws -> Outcome {
        try warnOfOldTransactions(before: step, walk)
        switch step.action {
        case .release, .soak: return try pass(step, place)
        case .schema(let change):
            try lookAgain(before: step, walk)
            try once(place, on: change.table) { try apply(change, place, walk) }
            return .done(rows: nil)
        case .flip(let flip):
            try lookAgain(before: step, walk)
            try once(place, on: nil) { try store.flip(flip, migration: place.migration) }
            return .done(rows: nil)
        case .buildIndex(let index):
            try attempting(nil) { try store.start(place) }
            try database.build(index, holding: token, lasting: settings.lease, waiting: tellWaiting)
            try once(place, on: index.table) {}
            return .done(rows: nil)
        case .dropIndex(let index):
            try attempting(nil) { try store.start(place) }
            try database.drop(index, holding: token, lasting: settings.lease, waiting: tellWaiting)
            try once(place, on: index.table) {}
            return .done(rows: nil)
        case .backfill(let backfill):
            return .done(rows: try self.backfill(walk.work(backfill, at: place.ordinal), walk))
        case .sqlite(let work):
            return try self.work(work, step, place, walk)
        case .verify(let verification):
            return try verify(verification, step, place, walk)
        }
    }

    /// A run may last for hours, and a migration for weeks: what was looked at when it began is looked at
    /// again.
    ///
    /// - Throws: ``EngineError/Reason/drift(_:)``, ``EngineError/Reason/newUses(migration:_:)``.
    func lookAgain(before step: Step, _ walk: Walk) throws {
        let survey = try Survey(database)
        try survey.checkDrift()
        guard walk.record.direction == .forward, GoingColumns(walk.record.plan).mustBeKnown(before: step)
        else { return }
        let uses = try survey.newUses(of: [walk.record])
        guard uses.isEmpty else { throw EngineError(.newUses(migration: walk.record.name, uses)) }
    }

    private func tellWaiting(_ blockers: [Blocker]) { observer.observe(.waitingForTransactions(blockers)) }

    private func pass(_ step: Step, _ place: StepPlace) throws -> Outcome {
        try attempting(nil) { try store.end(place, settings.noWriters ? .passed : .done) }
        guard settings.noWriters else { return .done(rows: nil) }
        observer.observe(.stepPassedOver(migration: place.migration, step: step))
        return .passedOver
    }

    /// Records anew only what the step itself changed: whatever else changed meanwhile stays drift.
    ///
    /// - Throws: ``EngineError/Reason/drift(_:)`` where a table that it changes was not as recorded.
    private func apply(_ change: SchemaChange, _ place: StepPlace, _ walk: Walk) throws {
        try changing(change.table, walk) {
            for statement in change.statements { try database.session.execute(statement) }
            if let flip = change.flip { try store.flip(flip, migration: place.migration) }
        }
    }

    /// Runs what changes one table (`nil`: any), and records how the tables look afterwards.
    func changing(_ table: TableName?, _ walk: Walk, _ body: () throws -> Void) throws {
        let own = table.map { StateStore.key($0, database.dialect) }
        let tables = try tablesInFlight(with: walk.record.plan)
        let before = try tables.map { try database.shape(of: $0) }
        try checkDrift(zip(tables, before).filter { StateStore.key($0.0, database.dialect) == own })
        try body()
        let changed = try zip(tables, before).filter { table, before in
            let after = try database.shape(of: table)
            return after != before
                && (own == nil || own == StateStore.key(table, database.dialect)
                    || mayFollow(before, after))
        }
        try checkDrift(changed)
        try store.recordShapes(of: changed.map(\.0))
    }

    /// Whether a table may have changed with another one: a rename reaches the foreign keys that refer to it. In
    /// SQLite nobody else can have changed anything inside our transaction.
    private func mayFollow(_ before: [String], _ after: [String]) -> Bool {
        guard database.dialect == .postgres else { return true }
        // Under the name that a renamed table left, or took, there was nothing, or is nothing now.
        if before.isEmpty || after.isEmpty { return true }
        let differing = Set(before).symmetricDifference(after)
        return differing.allSatisfy { $0.hasPrefix("constraint ") && $0.contains("FOREIGN KEY") }
    }

    private func tablesInFlight(with plan: Plan) throws -> [TableName] {
        let others = try store.migrations().filter(\.isInFlight).flatMap(\.plan.tables)
        return Set(others + plan.tables).sorted { $0.description < $1.description }
    }

    private func checkDrift(_ live: [(TableName, [String])]) throws {
        let recorded = try store.shapes()
        let drift = live.compactMap { table, shape in
            recorded[StateStore.key(table, database.dialect)].flatMap {
                ShapeLine.drift(of: table, recorded: $0, live: shape)
            }
        }
        guard drift.isEmpty else { throw EngineError(.drift(drift)) }
    }

    /// The error with its place; recorded there, so that `status` can tell.
    private func record(_ error: any Error, at place: StepPlace, _ step: Step) -> any Error {
        var known: EngineError
        switch error {
        case let error as EngineError: known = error
        case let failure as DatabaseFailure:
            known = failure.engineError(doing: "'\(step.title)'", location: database.location.description)
        default: return error
        }
        if known.migration == nil {
            known.migration = place.migration
            known.step = step.id
        }
        if case .stopped = known.reason { return known }
        let text = known.withoutOthersData.description
        // The error itself matters more than its record: a connection that is gone cannot write it.
        try? database.writing(.step(lockTimeout: settings.lockTimeout)) {
            guard try database.holdLease(token, lasting: settings.lease) else { return }
            try store.fail(place, error: text)
        }
        return known
    }
}

extension EngineError {
    /// The error without what it shows of rows, and of what others run: that stays out of the state.
    fileprivate var withoutOthersData: EngineError {
        var error = self
        switch reason {
        case .backfillStuck(let step, let passes, let remaining, _):
            error.reason = .backfillStuck(step: step, passes: passes, remaining: remaining, samples: [])
        case .lockTimeout(let object, let attempts, var blockers):
            for index in blockers.indices { blockers[index].query = nil }
            error.reason = .lockTimeout(object: object, attempts: attempts, blockers: blockers)
        default: break
        }
        return error
    }
}

extension Plan {
    /// The tables it touches, each once.
    var tables: [TableName] {
        var seen: Set<TableName> = []
        return touches.map(\.table).filter { seen.insert($0).inserted }
    }
}
