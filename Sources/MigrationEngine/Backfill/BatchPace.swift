/// How large the next batch may be, from how long the ones before took and whether anybody waited for them.
///
/// A batch that somebody waited for makes the next ones shorter, down to a few milliseconds; one that nobody waited for
/// makes them a little longer again. So a table that nobody else writes is filled at full speed.
struct BatchPace: Sendable, Hashable {
    /// The longest that a batch should take, somewhat less than what was asked for: sizes are guessed.
    let longest: Duration
    private let shortest: Duration
    private let sizes: ClosedRange<Int>
    /// How long the next batch should take.
    private(set) var target: Duration
    /// In pages (PostgreSQL) or keys (SQLite).
    private(set) var size: Int
    /// The largest size at which rows were written. Reading is much faster: it says nothing of how long writing takes.
    private var proven: Int

    init(_ batch: BatchTarget, size: Int) {
        longest = batch.duration * 0.6
        shortest = min(longest, .milliseconds(5))
        sizes = batch.sizes
        target = longest
        proven = batch.firstSize
        self.size = min(batch.sizes.upperBound, max(batch.sizes.lowerBound, min(size, batch.firstSize)))
    }

    /// Takes in what a batch was like.
    mutating func note(size spanned: Int, rows: Int64, took elapsed: Duration, isWaitedFor: Bool) {
        target = isWaitedFor ? max(shortest, target / 3) : min(longest, target * 1.01)
        let factor = min(2, max(0.5, target / max(elapsed, .microseconds(1))))
        // The last range of a table is short: it does not make the next one short.
        let next = Int(Double(factor < 1 ? spanned : max(spanned, size)) * factor)
        let isWriting = rows * 2 >= Int64(spanned)
        let limit = isWriting ? sizes.upperBound : proven
        size = min(limit, max(sizes.lowerBound, next))
        if isWriting { proven = max(size, sizes.lowerBound) }
    }
}
