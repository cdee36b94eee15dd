internal import DoubleWrite
internal import Foundation
internal import MigrationEngine
internal import Synchronization

/// Writers on threads of their own, which do nothing but write beside a run, and see how long they wait for it.
final class Writers: Sendable {
    /// What a writer was told, and what it waited.
    private struct State {
        var release = 0
        var isStopped = false
        /// How often each writer has looked at the release.
        var rounds: [Int]
        var contents: [RowID: Int] = [:]
        var writes = 0
        var longest = Duration.zero
        var during: String?
        var step: String?
        var failure: Fault?
    }

    private let scene: Scene
    private let location: DatabaseLocation
    private let state: Mutex<State>
    private let ended = DispatchSemaphore(value: 0)
    private static var count: Int { 2 }

    init(_ scene: Scene, _ location: DatabaseLocation) {
        self.scene = scene
        self.location = location
        state = Mutex(State(rounds: Array(repeating: 0, count: Self.count)))
        for writer in 0..<Self.count {
            Thread.detachNewThread {
                self.loop(writer)
                self.ended.signal()
            }
        }
    }

    /// The step that the run is in, for the words about the longest wait.
    func enter(_ step: String?) { state.withLock { $0.step = step } }

    /// Deploys a release, and waits until nobody runs another one.
    func deploy(_ release: Int) {
        let before = state.withLock { state in
            state.release = release
            return state.rounds
        }
        let limit = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < limit {
            let isOut = state.withLock { state in
                state.failure != nil || zip(state.rounds, before).allSatisfy { $0 >= $1 + 2 }
            }
            if isOut { return }
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    /// Lets every writer write a little.
    func wait() { deploy(state.withLock(\.release)) }

    /// Ends them.
    func stop() {
        state.withLock { $0.isStopped = true }
        for _ in 0..<Self.count { ended.wait() }
    }

    var failure: Fault? { state.withLock(\.failure) }
    var writes: Int { state.withLock(\.writes) }
    var longest: (wait: Duration, during: String?) { state.withLock { ($0.longest, $0.during) } }

    /// What the rows have to hold.
    func ledger() -> Ledger {
        var ledger = Ledger(scene.subjects)
        let contents = state.withLock(\.contents)
        for (row, entry) in contents {
            guard var content = ledger.rows[row] else { continue }
            for speech in scene.subjects[row.subject].releases[1] {
                for slot in speech.slots { content[slot] = entry }
            }
            ledger.commit([row: content], move: 0)
        }
        return ledger
    }

    private func loop(_ writer: Int) {
        var random = RandomNumbers(seed: UInt64(writer))
        do {
            let session = try Session(location, patience: .seconds(30))
            defer { session.close() }
            while true {
                let (release, isStopped) = state.withLock { state in
                    state.rounds[writer] += 1
                    return (state.release, state.isStopped)
                }
                if isStopped { return }
                try write(writer, release, session, &random)
                Thread.sleep(forTimeInterval: 0.002)
            }
        } catch {
            let fault = error as? Fault ?? Fault(kind: .broken, message: "a writer ended: \(error)")
            state.withLock { $0.failure = $0.failure ?? fault }
        }
    }

    /// Each writer has rows and values of its own.
    private func write(
        _ writer: Int, _ release: Int, _ session: Session, _ random: inout RandomNumbers
    ) throws {
        guard let number = random.pick(scene.subjects.indices) else { return }
        let subject = scene.subjects[number]
        guard let speech = subject.releases[release].first, !speech.slots.isEmpty else { return }
        let rows = subject.present.keys.sorted().filter { $0 % Self.count == writer }
        let own = subject.usable.filter { $0 % Self.count == writer }
        let taken = state.withLock { state in
            Set(subject.present.map { state.contents[RowID(subject: number, key: $0.key)] ?? $0.value })
        }
        guard let key = random.pick(rows), let entry = random.pick(own.filter { !taken.contains($0) }) else {
            return
        }
        let performer = Performer(session: session, subject: subject, speech: speech, dialect: scene.dialect)
        let start = ContinuousClock.now
        do {
            _ = try performer.write(.update, key: key, entry: entry)
        } catch {
            guard case .broken(let why) = Setback(error) else { return }
            throw Fault(
                kind: .broken,
                message: "a writer beside the run (\(speech.name)) could not update '\(subject.name)': \(why)"
            )
        }
        let elapsed = ContinuousClock.now - start
        state.withLock { state in
            state.contents[RowID(subject: number, key: key)] = entry
            state.writes += 1
            guard elapsed > state.longest else { return }
            state.longest = elapsed
            state.during = state.step
        }
    }
}
