import MigrationCore
import MigrationEngine
import Testing

@testable import bellows

/// What a run says while it goes on.
@Suite("Telling a run")
struct ObserverTests {
    /// Collects what is written, with a clock that the test moves.
    final class Screen {
        var text = ""
        var time = ContinuousClock.now
        var lines: [Substring] { text.split(separator: "\n") }
    }

    private let step = Step(id: "1.expand.backfill", title: "copy 'kind' to 'species'", action: .soak)

    private func observer(_ screen: Screen, isTerminal: Bool) -> RunObserver {
        RunObserver(
            style: .plain, width: 80, isTerminal: isTerminal, write: { screen.text += $0 },
            now: { screen.time })
    }

    private func progress(_ fraction: Double) -> EngineEvent {
        .progress(
            migration: "m", step: step,
            Progress(
                rowsDone: 10, rowsTotal: 100, fraction: fraction, rowsPerSecond: 100, remaining: .seconds(3)))
    }

    @Test("elsewhere than on a terminal: few lines, and no control characters")
    func log() {
        let screen = Screen()
        let observer = observer(screen, isTerminal: false)
        observer.observe(.migrationStarted(migration: "m", direction: .forward, isResumed: false))
        observer.observe(.stepStarted(migration: "m", phase: .expand, step: step, number: 3, count: 13))
        for pass in 0..<100 {
            for tick in 0..<100 {
                screen.time += .milliseconds(100)
                observer.observe(progress(Double(tick) / 100))
                if pass.isMultiple(of: 7) {
                    observer.observe(
                        .waitingForLock(object: "t\(tick)", blockers: [], attempt: 1, attempts: 30))
                }
            }
        }
        observer.observe(.stepFinished(migration: "m", step: step, rows: 1000, elapsed: .seconds(3)))
        observer.end()
        #expect(screen.lines.count > 5 && screen.lines.count <= 32)
        #expect(screen.lines.last == "   3/13  soak      copy 'kind' to 'species'  1,000 rows, 3.0 s")
        #expect(!screen.text.contains("\r") && !screen.text.contains("\u{1B}"))
    }

    @Test("a wait for the same holders is told once, however long it takes")
    func waits() {
        let screen = Screen()
        let observer = observer(screen, isTerminal: false)
        for second in 1...60 {
            let blocker = Blocker(
                processID: 7, state: "idle in transaction", transactionAge: .seconds(second))
            observer.observe(.waitingForTransactions([blocker]))
        }
        #expect(screen.lines == ["  waits for open transactions: process 7, idle in transaction for 1 s"])
        for attempt in 1...5 {
            observer.observe(
                .waitingForLock(
                    object: "animals", blockers: [Blocker(processID: 8)], attempt: attempt, attempts: 30))
        }
        #expect(screen.lines.last == "  waits for a lock on animals, held by process 8")
        #expect(screen.lines.count == 2)
        let terminal = Screen()
        self.observer(terminal, isTerminal: true)
            .observe(.waitingForLock(object: "animals", blockers: [], attempt: 2, attempts: 30))
        #expect(terminal.text == "  waits for a lock on animals (attempt 2 of 30)")
    }

    @Test("a quick step is one line")
    func quick() {
        let screen = Screen()
        let observer = observer(screen, isTerminal: false)
        observer.observe(.stepStarted(migration: "m", phase: .expand, step: step, number: 3, count: 13))
        for tick in 0..<100 { observer.observe(progress(Double(tick) / 100)) }
        observer.observe(.stepFinished(migration: "m", step: step, rows: 1, elapsed: .milliseconds(3)))
        #expect(screen.text == "   3/13  soak      copy 'kind' to 'species'  1 row, 3 ms\n")
    }

    @Test("on a terminal: a line that changes in place and is gone in the end")
    func terminal() {
        let screen = Screen()
        let observer = observer(screen, isTerminal: true)
        observer.observe(.stepStarted(migration: "m", phase: .expand, step: step, number: 3, count: 13))
        for tick in 0..<10 { observer.observe(progress(Double(tick) / 10)) }
        #expect(!screen.text.contains("\n"))
        let frames = screen.text.split(separator: "\r\u{1B}[2K").map(String.init)
        #expect(frames.count == 11)
        #expect(frames.allSatisfy { $0.columns < 80 })
        #expect(frames.last?.contains("━") == true && frames.last?.contains("90%") == true)
        observer.observe(.stepFinished(migration: "m", step: step, rows: 1, elapsed: .milliseconds(3)))
        #expect(
            screen.text.hasSuffix("\r\u{1B}[2K   3/13  soak      copy 'kind' to 'species'  1 row, 3 ms\n"))
    }

    @Test("a line is cut by what it shows, and its colours are ended")
    func cut() {
        #expect("abc".cut(to: 5) == "abc")
        #expect("abcdef".cut(to: 5) == "abcde")
        #expect("ab犬c".cut(to: 3) == "ab")
        #expect("\u{1B}[31mabc\u{1B}[0m".cut(to: 2) == "\u{1B}[31mab\u{1B}[0m")
    }
}
