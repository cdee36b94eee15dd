/// How large the next batch may be, from how long the ones before took and what others did meanwhile.
///
/// It begins with short batches. Where nobody else writes they soon are as long as they may be, so that a table is filled at
/// full speed. Where others write they stay short: the fewer rows a batch holds, the fewer writes have to wait for it.
struct BatchPace: Sendable, Hashable {
    /// The longest that a batch should take, somewhat less than what was asked for: sizes are guessed.
    let longest: Duration
    private let besideOthers: Duration
    private let sizes: ClosedRange<Int>
    /// How long the next batch should take.
    private(set) var target: Duration
    /// In pages (PostgreSQL) or keys (SQLite).
    private(set) var size: Int
    /// The largest size at which rows were written. Reading is much faster: it says nothing of how long writing takes.
    private var proven: Int

    init(_ batch: BatchTarget, size: Int) {
        longest = batch.duration * 0.6
        besideOthers = min(longest, batch.besideOthers ?? longest)
        sizes = batch.sizes
        target = besideOthers
        proven = batch.firstSize
        self.size = min(batch.sizes.upperBound, max(batch.sizes.lowerBound, min(size, batch.firstSize)))
    }

    /// Takes in what a batch was like.
    mutating func note(size spanned: Int, rows: Int64, took elapsed: Duration, doOthersWrite: Bool) {
        target = doOthersWrite ? besideOthers : min(longest, target * 1.5)
        let factor = min(2, max(0.5, target / max(elapsed, .microseconds(1))))
        // The last range of a table is short: it does not make the next one short.
        let next = Int(Double(factor < 1 ? spanned : max(spanned, size)) * factor)
        let isWriting = rows * 2 >= Int64(spanned)
        let limit = isWriting ? sizes.upperBound : proven
        size = min(limit, max(sizes.lowerBound, next))
        if isWriting { proven = max(size, sizes.lowerBound) }
    }
}
