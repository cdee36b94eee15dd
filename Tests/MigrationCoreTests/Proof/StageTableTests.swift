import Testing

@testable import MigrationCore

/// The truth table of the stages by itself, forth and back, with flips that settle and flips that do not: as an
/// independent model has it, state by state.
@Suite struct StageTableTests {
    @Test(arguments: [
        (StageTable(), 48, false), (StageTable(settles: false), 84, true),
        (StageTable(refillsLate: false), 136, true), (StageTable(forgets: true), 88, false),
        (StageTable(forgets: true, sweepsEarly: true), 88, false),
    ])
    func verdict(table: StageTable, states: Int, isStale: Bool) {
        let exploration = Exploration(table, limit: 10_000)
        #expect(exploration.count == states)
        #expect(exploration.faults.map(\.kind) == (isStale ? [.staleRead] : []))
    }
}

/// Two instances, each acting on the stage that it has seen last, and an engine that flips stages and refills.
struct StageTable: StateMachine, Sendable {
    enum Stage: Int, Sendable { case both, bothReadNew, new }

    struct State: Hashable {
        var stage = Stage.both
        var seen = [Stage.both, .both]
        var old: Character = "p"
        var new: Character = "a"
        var truth: Character = "a"
        var isFilled = true
        var isRefilled = true
    }

    enum Move: Hashable {
        case read(Int)
        case write(Int, Character)
        case look(Int)
        case flip(Stage)
        case refill, sweep
    }

    /// Whether flips wait until nobody acts on the stage before.
    var settles = true
    /// Whether the way back refills the old column only when nobody writes the new one alone.
    var refillsLate = true
    /// Whether `down` forgets something.
    var forgets = false
    /// Whether the new column is refilled while an instance still reads it.
    var sweepsEarly = false

    private static let up: [Character: Character] = ["p": "a", "q": "c"]

    private var down: [Character: Character] {
        forgets ? ["a": "p", "b": "p", "c": "q"] : ["a": "p", "c": "q"]
    }

    var start: State { State() }

    func branches(from state: State, into branches: inout Branches<StageTable>) {
        for index in state.seen.indices { act(index, state, &branches) }
        let areAt = state.seen.allSatisfy { $0 == state.stage }
        if areAt || !settles { flip(state, &branches) }
        let mayRefill =
            state.stage == .bothReadNew && (areAt || !refillsLate) || state.stage == .new && !refillsLate
        if mayRefill {
            var next = state
            next.old = down[state.new] ?? "?"
            next.isRefilled = true
            branches.add(.refill, next)
        }
        if state.stage == .both, areAt || sweepsEarly {
            var next = state
            next.new = Self.up[state.old] ?? "?"
            next.isFilled = true
            branches.add(.sweep, next)
        }
    }

    private func act(_ index: Int, _ state: State, _ branches: inout Branches<StageTable>) {
        let seen = state.seen[index]
        let read = seen == .both ? Self.up[state.old] : state.new
        let right = [state.truth, Self.up[down[state.truth] ?? "?"]]
        if !right.contains(read) { branches.fault(.staleRead, .read(index)) }
        for value in down.keys.sorted() {
            var next = state
            next.truth = value
            if seen != .new { next.old = down[value] ?? "?" }
            next.new = seen == .both ? Self.up[next.old] ?? "?" : value
            branches.add(.write(index, value), next)
        }
        guard seen != state.stage else { return }
        var next = state
        next.seen[index] = state.stage
        branches.add(.look(index), next)
    }

    private func flip(_ state: State, _ branches: inout Branches<StageTable>) {
        func add(_ stage: Stage, isRefilled: Bool) {
            var next = state
            next.stage = stage
            next.isRefilled = isRefilled
            branches.add(.flip(stage), next)
        }
        if let stage = Stage(rawValue: state.stage.rawValue + 1) {
            add(stage, isRefilled: stage == .new ? false : state.isRefilled)
        }
        if state.stage == .new { add(.bothReadNew, isRefilled: false) }
        if state.stage == .bothReadNew, state.isRefilled { add(.both, isRefilled: true) }
    }

    func sentence(_ move: Move, in state: State) -> String { "\(move)" }
}
