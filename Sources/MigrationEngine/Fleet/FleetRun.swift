internal import Dispatch
internal import Foundation
internal import Synchronization

/// Hands the members of a fleet to threads, in their order, until all are done or one has failed.
final class FleetRun<Value: Sendable>: Sendable {
    private struct State {
        var next = 0
        var hasFailed = false
        var outcomes: [FleetOutcome<Value>]
    }

    private let state: Mutex<State>
    private let goesOn: Bool
    private let stop: StopSwitch?
    private let work: @Sendable (Int) -> FleetOutcome<Value>

    /// - Parameters:
    ///   - goesOn: Whether others are begun behind one that failed.
    ///   - stop: Where it is on, no other is begun.
    ///   - work: What is done for a member, by its index.
    init(
        count: Int, goesOn: Bool, stop: StopSwitch?,
        _ work: @escaping @Sendable (Int) -> FleetOutcome<Value>
    ) {
        state = Mutex(State(outcomes: Array(repeating: .notBegun, count: count)))
        self.goesOn = goesOn
        self.stop = stop
        self.work = work
    }

    /// Runs on so many threads, and returns when all of them have ended.
    ///
    /// Threads of their own: the calls block, and Swift's pool has no more threads than the machine has cores.
    func wait(threads count: Int) -> [FleetOutcome<Value>] {
        let ended = DispatchGroup()
        for _ in 0..<count {
            ended.enter()
            let thread = Thread {
                while let index = self.take() { self.put(self.work(index), at: index) }
                ended.leave()
            }
            // As much as the first thread has: elsewhere it may be 512 KiB.
            thread.stackSize = 8 << 20
            thread.start()
        }
        ended.wait()
        return state.withLock { $0.outcomes }
    }

    private func take() -> Int? {
        if stop?.isOn == true { return nil }
        return state.withLock { state in
            guard state.next < state.outcomes.count, goesOn || !state.hasFailed else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    private func put(_ outcome: FleetOutcome<Value>, at index: Int) {
        state.withLock { state in
            state.outcomes[index] = outcome
            if case .failed = outcome { state.hasFailed = true }
        }
    }
}
