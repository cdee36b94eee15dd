import DoubleWrite
import Testing

@testable import MigrationEngine

@Suite struct PageLedgerTests {
    /// Workers that take, finish, give back and are killed in any order: in the end every page was done.
    @Test func noPageIsForgotten() {
        for seed in UInt64(1)...300 {
            var random = SeededRandom(seed)
            let end = Int64.random(in: 0...200, using: &random)
            var ledger = PageLedger(next: 0, end: end)
            var busy: [Int: PageRange] = [:]
            var recorded: (next: Int64, left: [PageRange]) = (0, [])
            var done: Set<Int64> = []
            for _ in 0..<10_000 where !ledger.isComplete {
                let worker = Int.random(in: 0..<4, using: &random)
                switch (busy[worker], Int.random(in: 0..<20, using: &random)) {
                case (_, 0):
                    // Killed: what is recorded is all that the next run knows.
                    ledger = PageLedger(next: recorded.next, end: end, left: recorded.left)
                    busy = [:]
                case (nil, _):
                    busy[worker] = ledger.take(worker, size: Int.random(in: 1...20, using: &random))
                case (.some, 1):
                    ledger.giveBack(worker)
                    busy[worker] = nil
                case (.some(let range), _):
                    recorded = (ledger.next, ledger.unfinished(without: worker))
                    done.formUnion(range.first..<range.end)
                    ledger.finish(worker)
                    busy[worker] = nil
                }
            }
            #expect(ledger.isComplete, "seed \(seed)")
            #expect(done == Set(0..<end), "seed \(seed)")
            #expect(ledger.fraction == 1, "seed \(seed)")
        }
    }

    @Test func twoWorkersNeverHaveTheSamePage() {
        var ledger = PageLedger(next: 0, end: 10, left: [])
        #expect(ledger.take(0, size: 4) == PageRange(first: 0, end: 4))
        #expect(ledger.take(1, size: 4) == PageRange(first: 4, end: 8))
        #expect(ledger.unfinished(without: 1) == [PageRange(first: 0, end: 4)])
        ledger.finish(1)
        #expect(ledger.take(1, size: 4) == PageRange(first: 8, end: 10))
        #expect(ledger.take(2, size: 4) == nil)
        #expect(!ledger.isComplete)
        ledger.giveBack(0)
        #expect(ledger.take(2, size: 3) == PageRange(first: 0, end: 3))
        #expect(ledger.unfinished(without: 2) == [PageRange(first: 3, end: 4), PageRange(first: 8, end: 10)])
    }
}

@Suite struct BatchPaceTests {
    private let target = BatchTarget(
        duration: .milliseconds(100), besideOthers: .milliseconds(5), sizes: 1...2048, firstSize: 64)

    @Test func sizesFollowTheTime() {
        var pace = BatchPace(target, size: 64)
        // A millisecond a page.
        for _ in 0..<20 {
            pace.note(size: pace.size, rows: 10_000, took: .milliseconds(pace.size), doOthersWrite: false)
        }
        #expect((58...60).contains(pace.size))
        pace.note(size: pace.size, rows: 10_000, took: .seconds(10), doOthersWrite: false)
        #expect(pace.size == 29 || pace.size == 30)
    }

    /// It begins as if others wrote, and is at its longest soon where nobody does.
    @Test func whereNobodyWritesBatchesBecomeLong() {
        var pace = BatchPace(target, size: 64)
        #expect(pace.target == .milliseconds(5))
        for _ in 0..<10 {
            pace.note(size: pace.size, rows: 10_000, took: pace.target, doOthersWrite: false)
        }
        #expect(pace.target == pace.longest)
    }

    @Test func whereOthersWriteBatchesStayShort() {
        var pace = BatchPace(target, size: 64)
        for _ in 0..<10 { pace.note(size: pace.size, rows: 10_000, took: pace.target, doOthersWrite: false) }
        for _ in 0..<10 { pace.note(size: pace.size, rows: 10_000, took: pace.target, doOthersWrite: true) }
        #expect(pace.target == .milliseconds(5))
    }

    /// Pages in which nothing is to be written go by quickly; that says nothing of the next ones.
    @Test func readingDoesNotMakeBatchesLarge() {
        var pace = BatchPace(target, size: 64)
        for _ in 0..<100 { pace.note(size: pace.size, rows: 0, took: .milliseconds(1), doOthersWrite: false) }
        #expect(pace.size == 64)
    }

    /// A size that an earlier run ended with is not believed: the machine may be another one.
    @Test func beginsSmall() {
        #expect(BatchPace(target, size: 2000).size == 64)
        #expect(BatchPace(target, size: 3).size == 3)
    }
}

@Suite struct OtherWritersTests {
    /// Four workers, each with a number taken when its batch begins and told when it ends, in any order.
    @Test func ourOwnBatchesAreNotOthers() {
        for seed in UInt64(1)...100 {
            var random = SeededRandom(seed)
            var others = OtherWriters(workers: 4)
            var (next, open): (Int64, [Int: Int64]) = (1000, [:])
            for _ in 0..<1000 {
                let worker = Int.random(in: 0..<4, using: &random)
                if let number = open.removeValue(forKey: worker) {
                    let haveWritten = others.haveWritten(until: number)
                    #expect(!haveWritten, "seed \(seed)")
                } else {
                    open[worker] = next
                    next += 1
                }
            }
        }
    }

    /// One write for each batch of ours is seen with each of them.
    @Test func othersAreSeen() {
        for workers in 1...4 {
            var others = OtherWriters(workers: workers)
            var seen = 0
            for batch in Int64(0)..<100 where others.haveWritten(until: 10 + 2 * batch) { seen += 1 }
            #expect(seen >= 99 - 2 * workers)
            let last = 10 + 2 * Int64(99)
            let quiet = (1...20).filter { others.haveWritten(until: last + Int64($0)) }
            #expect(quiet.isEmpty)
        }
    }
}

@Suite struct PageSweepTests {
    @Test func remembersThatOthersWrite() {
        let target = BatchTarget(duration: .milliseconds(100), sizes: 1...2048, firstSize: 64)
        let table = PagedTable(id: 1, name: "animals", file: 1, pages: 100, rows: 0)
        let sweep = PageSweep(table, BackfillCursor(size: 64), target, workers: 1)
        let range = PageRange(first: 0, end: 1)
        for number in Int64(10)...12 {
            sweep.note(range, rows: 10, in: number, took: .milliseconds(5))
        }
        #expect(!sweep.isBesideOthers)
        sweep.note(range, rows: 10, in: 14, took: .milliseconds(5))
        sweep.note(range, rows: 10, in: 15, took: .milliseconds(5))
        #expect(sweep.isBesideOthers)
    }

    /// One write in a second is enough: the next ones are to find short batches as well.
    @Test func batchesStayShortBehindAWrite() throws {
        func size(besideOthers: Bool) throws -> Int {
            let target = BatchTarget(
                duration: .milliseconds(100), besideOthers: .milliseconds(5), sizes: 1...2048, firstSize: 64)
            let table = PagedTable(id: 1, name: "animals", file: 1, pages: 100_000, rows: 0)
            let sweep = PageSweep(table, BackfillCursor(size: 64), target, workers: 1)
            var number = Int64(10)
            var size = 0
            for batch in 0..<20 {
                guard case .write(let range) = sweep.next(0) else { break }
                size = Int(range.end - range.first)
                number += besideOthers && batch < 3 ? 2 : 1
                try sweep.record(0, rows: 10_000, skipping: false) { _ in }
                // A millisecond a page.
                sweep.note(range, rows: 10_000, in: number, took: .milliseconds(size))
            }
            return size
        }
        #expect(try (4...6).contains(size(besideOthers: true)))
        #expect(try (58...60).contains(size(besideOthers: false)))
    }
}

/// Numbers that a seed repeats.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
