/// A range of a table's pages: from the first to before the end.
struct PageRange: Sendable, Hashable, Codable {
    var first: Int64
    var end: Int64
}

/// Who works on which pages of a table, and which are left. A value: what it says is recorded with each batch.
struct PageLedger: Sendable, Hashable {
    /// The first page that nobody has taken yet.
    private(set) var next: Int64
    /// Where the pass ends.
    let end: Int64
    /// What was taken and not finished: by a run before this one, or by a worker that gave it back.
    private var left: [PageRange]
    private var taken: [Int: PageRange] = [:]

    init(next: Int64, end: Int64, left: [PageRange] = []) {
        precondition(next >= 0 && left.allSatisfy { $0.first < $0.end }, "a ledger that makes no sense")
        self.next = next
        self.end = end
        self.left = left
    }

    /// The next pages for a worker, at most `size`; `nil` where none are left to take.
    mutating func take(_ worker: Int, size: Int) -> PageRange? {
        precondition(taken[worker] == nil, "a worker takes pages before it has finished those that it has")
        let range = takeLeft(size) ?? takeNext(size)
        taken[worker] = range
        return range
    }

    private mutating func takeLeft(_ size: Int) -> PageRange? {
        guard let first = left.first else { return nil }
        let range = PageRange(first: first.first, end: min(first.end, first.first + Int64(max(1, size))))
        if range.end < first.end {
            left[0].first = range.end
        } else {
            left.removeFirst()
        }
        return range
    }

    private mutating func takeNext(_ size: Int) -> PageRange? {
        guard next < end else { return nil }
        let range = PageRange(first: next, end: min(end, next + Int64(max(1, size))))
        next = range.end
        return range
    }

    /// The worker's pages are done.
    mutating func finish(_ worker: Int) { taken[worker] = nil }

    /// The worker does not go on: others, or the next run, take its pages.
    mutating func giveBack(_ worker: Int) {
        guard let range = taken.removeValue(forKey: worker) else { return }
        left.insert(range, at: 0)
    }

    /// The pages before ``next`` that are not done once this worker is done with its own, in their order.
    func unfinished(without worker: Int) -> [PageRange] {
        (left + taken.filter { $0.key != worker }.values).sorted { $0.first < $1.first }
    }

    /// Whether every page is done.
    var isComplete: Bool { next >= end && left.isEmpty && taken.isEmpty }

    /// The part of the pages that is done, from 0 to 1.
    var fraction: Double {
        guard end > 0 else { return 1 }
        let open = unfinished(without: .min).reduce(0) { $0 + $1.end - $1.first }
        return Double(next - open) / Double(end)
    }
}
