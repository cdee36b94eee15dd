internal import DoubleWrite
internal import MigrationCore
internal import Synchronization

/// One pass over the pages of one table, shared by those who work on it. It decides who takes which pages, keeps the
/// cursor that each batch records, and passes on what the workers have to tell: only one thread speaks to the observer.
final class PageSweep: Sendable {
    private struct State {
        var cursor: BackfillCursor
        var ledger: PageLedger
        var pace: BatchPace
        var others: OtherWriters
        var othersSeen: ContinuousClock.Instant?
        var isHeld = false
        var isRewritten = false
        var failure: (any Error)?
        var events: [EngineEvent] = []

        var isBesideOthers: Bool { othersSeen.map { .now - $0 < .seconds(1) } ?? false }
    }

    /// What a worker is to do next.
    enum Order {
        case write(PageRange)
        /// Everybody waits.
        case hold
        /// There is nothing left to take.
        case end
    }

    let table: PagedTable
    private let state: Mutex<State>

    init(_ table: PagedTable, _ cursor: BackfillCursor, _ target: BatchTarget, workers: Int) {
        var cursor = cursor
        let isResumed = cursor.table == table.id && cursor.file == table.file && cursor.endPage != nil
        if !isResumed {
            cursor.enter(table.id, file: table.file, endPage: table.pages)
        }
        self.table = table
        state = Mutex(
            State(
                cursor: cursor,
                ledger: PageLedger(
                    next: cursor.page, end: cursor.endPage ?? table.pages, left: cursor.open ?? []),
                pace: BatchPace(target, size: cursor.size), others: OtherWriters(workers: workers)))
    }

    var cursor: BackfillCursor { state.withLock { $0.cursor } }
    var fraction: Double { state.withLock { $0.ledger.fraction } }
    /// Whether the table was rewritten meanwhile: the pass over it has to begin anew.
    var isRewritten: Bool { state.withLock { $0.isRewritten } }
    /// Whether others wrote in the last second.
    var isBesideOthers: Bool { state.withLock { $0.isBesideOthers } }
    /// Pages that nobody has taken yet.
    var isAnythingLeft: Bool { state.withLock { !$0.ledger.isComplete } }

    func next(_ worker: Int) -> Order {
        state.withLock { state in
            guard state.failure == nil, !state.isRewritten else { return .end }
            guard !state.isHeld else { return .hold }
            return state.ledger.take(worker, size: state.pace.size).map { .write($0) } ?? .end
        }
    }

    /// Records a worker's batch as the last thing of its transaction, one after the other: whoever commits first is in the
    /// record of the next.
    ///
    /// - Parameter body: Writes the cursor and commits. Nothing counts where it throws.
    func record(_ worker: Int, rows: Int64, skipping: Bool, _ body: (BackfillCursor) throws -> Void) throws {
        try state.withLock { state in
            var next = state.cursor
            next.rows += rows
            next.rowsInPass += rows
            if skipping { next.hasSkipped = true }
            next.size = state.pace.size
            next.page = state.ledger.next
            next.open = state.ledger.unfinished(without: worker)
            try body(next)
            state.cursor = next
            state.ledger.finish(worker)
        }
    }

    /// Takes in how long a batch took, and what it saw of others.
    func note(_ range: PageRange, rows: Int64, in transaction: Int64?, took elapsed: Duration) {
        state.withLock { state in
            let haveWritten = transaction.map { state.others.haveWritten(until: $0) } ?? false
            if haveWritten { state.othersSeen = .now }
            state.pace.note(
                size: Int(range.end - range.first), rows: rows, took: elapsed,
                doOthersWrite: state.isBesideOthers)
        }
    }

    func rewritten(_ worker: Int) {
        state.withLock {
            $0.isRewritten = true
            $0.ledger.giveBack(worker)
        }
    }

    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    /// A worker cannot go on: all end, and the first of them says why.
    func fail(_ worker: Int, _ error: any Error) {
        state.withLock {
            $0.failure = $0.failure ?? error
            $0.ledger.giveBack(worker)
        }
    }

    func throwFailure() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    // MARK: - What workers have to tell

    func tell(_ event: EngineEvent) { state.withLock { $0.events.append(event) } }

    /// What was told since this was asked last.
    func takeEvents() -> [EngineEvent] {
        state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }
}

/// Tells what a worker sees by way of the sweep.
struct SweepObserver: EngineObserver {
    let sweep: PageSweep

    func observe(_ event: EngineEvent) { sweep.tell(event) }
}
