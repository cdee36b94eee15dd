/// One column of one animal over time: a register with a single writer, who writes one value after the other.
///
/// A read is right when it saw the value of a write that began before the read ended, and that nothing overwrote
/// before the read started: neither a write that was acknowledged by then nor one that another read, which was
/// over by then, had already seen (linearizability for one writer; Lamport, *On interprocess communication*, 1986).
/// An uncertain write may take effect at any moment after it began, or never.
struct Register: Sendable {
    /// What became of a write.
    enum Outcome: Sendable, Equatable {
        case acknowledged(Moment)
        case refused
        case uncertain
    }

    /// One value, in the order in which the writer wrote them.
    struct Value: Sendable {
        var cell: Cell
        var begun: Moment
        var outcome: Outcome
    }

    /// What somebody saw, at some moment between `start` and `end`.
    struct Sight: Sendable {
        var cell: Cell
        var start: Moment
        var end: Moment
        /// Which of the caller's reads it was.
        var number: Int
    }

    /// Why a sight is wrong.
    enum Fault: Sendable, Equatable {
        /// Nobody wrote this, or only after the read was over.
        case invented
        /// Only a write that the database refused had this value.
        case refused
        /// Something newer was there already; the number of the value that had to be seen, or a newer one.
        case stale(overwrittenBy: Int)
    }

    /// Oldest first; the first one is what was there before any write.
    private(set) var values: [Value]
    /// The numbers of the acknowledged values, which is also the order of their acknowledgements.
    private var acknowledged: [Int] = []

    init(initial: Cell) {
        values = []
        append(Value(cell: initial, begun: .beginning, outcome: .acknowledged(.beginning)))
    }

    mutating func append(_ value: Value) {
        if case .acknowledged = value.outcome { acknowledged.append(values.count) }
        values.append(value)
    }

    /// The number of the newest value that was acknowledged before `moment`.
    func newestAcknowledged(before moment: Moment) -> Int {
        var low = 0
        var high = acknowledged.count
        while low < high {
            let middle = (low + high) / 2
            if case .acknowledged(let time) = values[acknowledged[middle]].outcome, time < moment {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low == 0 ? 0 : acknowledged[low - 1]
    }

    /// The sights that are wrong, with what is wrong with each, in the order of their starts.
    func faults(_ sights: [Sight]) -> [(sight: Sight, fault: Fault)] {
        var faults: [(sight: Sight, fault: Fault)] = []
        // What reads that are over by now have proved to be there.
        var over: [(end: Moment, value: Int)] = []
        for sight in sights.sorted(by: { $0.start < $1.start }) {
            var floor = newestAcknowledged(before: sight.start)
            for seen in over where seen.end < sight.start { floor = max(floor, seen.value) }
            switch place(sight, floor: floor) {
            case .success(let value):
                over.removeAll { $0.value <= value && $0.end >= sight.end }
                if !over.contains(where: { $0.value >= value && $0.end <= sight.end }) {
                    over.append((sight.end, value))
                }
            case .failure(let fault):
                faults.append((sight, fault.fault))
            }
        }
        return faults
    }

    /// The oldest value that the sight may have seen.
    private func place(_ sight: Sight, floor: Int) -> Result<Int, Misplaced> {
        let same = values.indices.filter { values[$0].cell == sight.cell && values[$0].begun <= sight.end }
        guard !same.isEmpty else { return .failure(Misplaced(fault: .invented)) }
        let possible = same.filter { values[$0].outcome != .refused }
        guard !possible.isEmpty else { return .failure(Misplaced(fault: .refused)) }
        guard let value = possible.first(where: { $0 >= floor }) else {
            return .failure(Misplaced(fault: .stale(overwrittenBy: floor)))
        }
        return .success(value)
    }

    private struct Misplaced: Error {
        var fault: Fault
    }
}

extension Moment {
    /// Before everything.
    static let beginning = Moment(nanoseconds: .min)
    /// After everything.
    static let end = Moment(nanoseconds: .max)
}
