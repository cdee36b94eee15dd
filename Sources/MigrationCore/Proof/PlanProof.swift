/// What came of looking at a plan in every order in which it and the applications can go on.
public struct PlanProof: Sendable, Hashable, Codable {
    /// A part of the plan that stands for itself: operations that have to do with each other.
    public struct Part: Sendable, Hashable, Codable {
        /// The operations' numbers in their file, from 1.
        public var operations: [Int]
        /// How many states were looked at; `nil` where the part is declared and not proven (`sql`).
        public var states: Int?
        /// What must never happen and can.
        public var faults: [Fault]

        /// A part and what came of it.
        public init(operations: [Int], states: Int?, faults: [Fault] = []) {
            self.operations = operations
            self.states = states
            self.faults = faults
        }
    }

    /// The parts, by their first operation.
    public var parts: [Part]
    /// What the proof could not look at, in sentences.
    public var gaps: [String]

    /// A proof of its parts.
    public init(parts: [Part], gaps: [String] = []) {
        self.parts = parts
        self.gaps = gaps
    }
}

extension PlanProof {
    /// How many states were looked at.
    public var states: Int { parts.compactMap(\.states).reduce(0, +) }

    /// Everything that must never happen and can.
    public var faults: [Fault] { parts.flatMap(\.faults) }

    /// Whether nothing is wrong. What was not looked at is told by ``gaps``.
    public var holds: Bool { faults.isEmpty }

    /// One line for the plan: `checked: 2,144 states, no lost write, ...`.
    public var line: String {
        guard holds else {
            let kinds = faults.map(\.kind.rawValue).uniqued
            return "not safe: \(states.grouped) states, \(kinds.joined(separator: ", "))"
        }
        let open = gaps.isEmpty ? "" : "; \(gaps.joined(separator: "; "))"
        guard parts.contains(where: { $0.states != nil }) else { return "not checked\(open)" }
        return
            "checked: \(states.grouped) states, no lost write, no stale read, releases can be rolled back one at a time "
            + "at every step\(open)"
    }
}

extension Int {
    /// `2,144`.
    fileprivate var grouped: String {
        let digits = Array(String(self))
        return digits.enumerated().map { index, digit in
            let isBreak = index > 0 && (digits.count - index).isMultiple(of: 3)
            return (isBreak ? "," : "") + String(digit)
        }.joined()
    }
}
