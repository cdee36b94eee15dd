/// What the judge found.
struct Verdict: Sendable {
    /// The acknowledged writes.
    var writes: Int
    /// How many animals do not hold what their last acknowledged write says.
    var lost = 0
    var reads: Int
    /// How many reads saw what they could not have seen.
    var stale = 0
    /// The writes of which nobody knows whether they happened, because their instance was killed.
    var uncertain: Int
    /// The writes that were refused and tried again.
    var refused: Int
    var violations: [Violation] = []

    init(writes: Int, reads: Int, uncertain: Int = 0, refused: Int = 0) {
        self.writes = writes
        self.reads = reads
        self.uncertain = uncertain
        self.refused = refused
    }

    /// Whether nothing at all is wrong.
    var isClean: Bool { violations.isEmpty }

    mutating func add(_ judged: (lost: [Violation], stale: [Int: Violation])) {
        lost += judged.lost.isEmpty ? 0 : 1
        stale += judged.stale.count
        violations += judged.lost
        violations += judged.stale.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension Verdict: CustomStringConvertible {
    /// The last line of every check.
    var description: String {
        "shelter: \(writes) writes acknowledged, \(lost) lost; \(reads) reads, \(stale) stale"
    }
}

/// One thing that is wrong.
enum Violation: Sendable {
    case wrong(WrongValue)
    /// Anything else that must not happen, in words.
    case error(String)
}

/// A value that must not be there.
struct WrongValue: Sendable {
    var animal: Int64
    var column: Animal.Column
    var found: Cell
    /// When the read was; `nil` for the database at the end.
    var during: (start: Moment, end: Moment)?
    var fault: Register.Fault
    /// The newest value that had to be there.
    var expected: Register.Value
}

extension Violation: CustomStringConvertible {
    var description: String {
        switch self {
        case .error(let text): text
        case .wrong(let wrong): wrong.description
        }
    }
}

extension WrongValue: CustomStringConvertible {
    var description: String {
        let place = "animal \(animal), \(column.rawValue)"
        let finding: String =
            if let during {
                "a read from \(during.start) to \(during.end) saw \(found)"
            } else {
                "the database holds \(found) at the end"
            }
        return "\(place): \(finding), \(reason)"
    }

    private var reason: String {
        switch fault {
        case .invented: "which nobody had written by then\(last)"
        case .refused: "which the database had refused\(last)"
        case .stale: "which was overwritten before\(last)"
        }
    }

    private var last: String {
        switch expected.outcome {
        case .acknowledged(.beginning): "; it began as \(expected.cell)"
        case .acknowledged(let moment): "; \(expected.cell) was acknowledged at \(moment)"
        case .refused, .uncertain: "; \(expected.cell) had been read before"
        }
    }
}
