/// Something that is in one state at a time and moves to another by one of several moves: an abstraction of databases,
/// runners and applications that is small enough to be looked at whole.
protocol StateMachine {
    associatedtype State: Hashable
    associatedtype Move

    /// Where it begins.
    var start: State { get }

    /// All that can happen next, and what goes wrong in this state or by a move from it.
    func branches(from state: State, into branches: inout Branches<Self>)

    /// One state for all those that differ only in which of several like instances is which.
    func canonical(_ state: State) -> State

    /// A move in words, as it happens in this state.
    func sentence(_ move: Move, in state: State) -> String
}

extension StateMachine {
    func canonical(_ state: State) -> State { state }
}

/// What can happen next.
struct Branches<Machine: StateMachine> {
    private(set) var moves: [(move: Machine.Move, state: Machine.State)] = []
    private(set) var faults: [(kind: Fault.Kind, move: Machine.Move)] = []

    mutating func add(_ move: Machine.Move, _ state: Machine.State) { moves.append((move, state)) }

    mutating func fault(_ kind: Fault.Kind, _ move: Machine.Move) { faults.append((kind, move)) }

    mutating func clear() {
        moves.removeAll(keepingCapacity: true)
        faults.removeAll(keepingCapacity: true)
    }
}

/// Something that must never happen, with the shortest way to it.
public struct Fault: Sendable, Hashable, Codable {
    /// What must never happen.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A value that was written and acknowledged is nowhere any more.
        case lostWrite = "lost write"
        /// A read gives another value than the last one that was written.
        case staleRead = "stale read"
        /// A statement names a column or table that is not there.
        case missing = "missing column"
        /// A write fails for want of a value in a column that it knows nothing of.
        case notNull = "NOT NULL violation"
        /// A write fails, or meets a row that it was promised not to meet.
        case constraint = "constraint violation"
        /// The database itself acts on a value that is no longer true.
        case staleKey = "foreign key acts on a stale value"
        /// A step of the plan fails.
        case failingStep = "failing step"
        /// A count finds rows that, by the stage, cannot be there.
        case brokenInvariant = "broken invariant"
    }

    /// What happens.
    public var kind: Kind
    /// The shortest way to it, a sentence each; the last one is the fault.
    public var trace: [String]

    /// A fault and the way to it.
    public init(kind: Kind, trace: [String]) {
        self.kind = kind
        self.trace = trace
    }
}

/// Every state that a machine can come to, breadth first, so that the first way to anything is a shortest one.
struct Exploration<Machine: StateMachine> {
    /// How many states there are, as far as it went.
    private(set) var count = 0
    /// The first fault of each kind.
    private(set) var faults: [Fault] = []
    /// Whether it saw every state.
    private(set) var isComplete = true

    private struct Found {
        var kind: Fault.Kind
        var state: Int
    }

    /// - Parameters:
    ///   - limit: The number of states at which it gives up.
    ///   - stopsAtFault: Whether the first fault is enough.
    init(_ machine: Machine, limit: Int, stopsAtFault: Bool = false) {
        let start = machine.canonical(machine.start)
        var states = [start]
        var parents: [Int32] = [-1]
        var seen: Set<Machine.State> = [start]
        var found: [Found] = []
        var branches = Branches<Machine>()
        var next = 0
        while next < states.count {
            branches.clear()
            machine.branches(from: states[next], into: &branches)
            for fault in branches.faults where !found.contains(where: { $0.kind == fault.kind }) {
                found.append(Found(kind: fault.kind, state: next))
            }
            for (_, state) in branches.moves {
                let state = machine.canonical(state)
                guard seen.insert(state).inserted else { continue }
                states.append(state)
                parents.append(Int32(next))
            }
            next += 1
            if stopsAtFault, !found.isEmpty { break }
            guard states.count <= limit else {
                isComplete = false
                break
            }
        }
        count = states.count
        for found in found {
            var path = [found.state]
            while let last = path.last, parents[last] >= 0 { path.append(Int(parents[last])) }
            faults.append(
                Self.fault(found.kind, along: path.reversed().map { states[$0] }, of: machine))
        }
    }

    /// The way again, with each instance keeping its number.
    private static func fault(
        _ kind: Fault.Kind, along path: [Machine.State], of machine: Machine
    ) -> Fault {
        var state = machine.start
        var trace: [String] = []
        var branches = Branches<Machine>()
        for target in path.dropFirst() {
            branches.clear()
            machine.branches(from: state, into: &branches)
            guard let step = branches.moves.first(where: { machine.canonical($0.state) == target }) else {
                preconditionFailure("a way that was found is not there any more")
            }
            trace.append(machine.sentence(step.move, in: state))
            state = step.state
        }
        branches.clear()
        machine.branches(from: state, into: &branches)
        if let last = branches.faults.first(where: { $0.kind == kind }) {
            trace.append(machine.sentence(last.move, in: state))
        }
        return Fault(kind: kind, trace: trace)
    }
}
