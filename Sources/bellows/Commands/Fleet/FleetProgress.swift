import MigrationCore
import MigrationEngine
import Synchronization

/// Tells a run over many databases while it goes on: a row for each that is done.
///
/// On a terminal the rows of those that are being worked on stand below, and change in place; elsewhere lines are only
/// added: one for each database that is done, and for a long step one for each tenth of it.
final class FleetProgress: Sendable {
    private struct State {
        /// What is said of those that are being worked on, by index.
        var running: [Int: String] = [:]
        var done = 0
        var count = 0
        /// The lines that stand below and can be taken back.
        var transient = 0
        var lastDrawn: ContinuousClock.Instant?
    }

    /// What is said, one text at a time.
    private let state = Mutex(State())
    private let names: [String]
    private let column: Int
    private let style: Style
    private let width: Int
    private let height: Int
    private let isTerminal: Bool
    private let isSilent: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - names: The databases' names.
    ///   - isSilent: Whether nothing is said at all.
    ///   - write: Takes the words; standard output but in tests.
    init(
        names: [String], style: Style, width: Int, height: Int = 24, isTerminal: Bool, isSilent: Bool = false,
        write: @escaping @Sendable (String) -> Void = Output.write
    ) {
        self.names = names.map(\.onOneLine)
        column = min(40, self.names.map(\.columns).max() ?? 0)
        self.style = style
        self.width = width
        self.height = height
        self.isTerminal = isTerminal
        self.isSilent = isSilent
        self.write = write
    }

    /// So many databases are to come.
    func begin(_ count: Int) {
        state.withLock { state in
            state.count = count
            state.done = 0
        }
    }

    /// Who sees the run of one database.
    func observer(_ index: Int) -> any EngineObserver {
        let observer = Observer(progress: self, index: index)
        told(index, "")
        return observer
    }

    /// What one database is at now: shown on a terminal only.
    func told(_ index: Int, _ text: String) {
        guard isTerminal, !isSilent else { return }
        state.withLock { state in
            state.running[index] = text
            let now = ContinuousClock.now
            // Nobody reads faster, and a terminal flickers.
            if let last = state.lastDrawn, now - last < .milliseconds(50) { return }
            state.lastDrawn = now
            draw(&state)
        }
    }

    /// A line about one database that stays, where lines are only added.
    func line(_ index: Int, _ text: String) {
        guard !isTerminal, !isSilent else { return }
        state.withLock { _ in write(row(index, text) + "\n") }
    }

    /// One database is done; its row stays, where it has one.
    func ended(_ index: Int, _ text: String?) {
        guard !isSilent else { return }
        state.withLock { state in
            state.running[index] = nil
            state.done += 1
            clear(&state)
            if let text { write(row(index, text) + "\n") }
            if isTerminal { draw(&state) }
        }
    }

    /// Leaves nothing behind that changes.
    func end() {
        guard !isSilent else { return }
        state.withLock { state in
            state.running = [:]
            clear(&state)
        }
    }

    private func row(_ index: Int, _ text: String) -> String {
        "\(style(names[index].padded(to: column), .bold))  \(text)"
    }

    private func draw(_ state: inout State) {
        clear(&state)
        // What has left the screen could not be taken back either.
        var lines = state.running.keys.sorted().prefix(max(1, height - 2)).map {
            row($0, state.running[$0] ?? "")
        }
        lines.append(
            style("\(state.done) of \(Words.count(Int64(state.count), "database")) done", .dim))
        state.transient = lines.count
        // Longer than the line it could not be taken back.
        write(lines.map { $0.cut(to: width - 1) + "\n" }.joined())
    }

    private func clear(_ state: inout State) {
        if state.transient > 0 { write("\u{1B}[\(state.transient)A\r\u{1B}[J") }
        state.transient = 0
    }
}

extension FleetProgress {
    /// Sees the run of one database, on its thread.
    private final class Observer: EngineObserver {
        private let progress: FleetProgress
        private let index: Int
        private var place = ""
        private var nextTenth = 1
        private var lastLine = ContinuousClock.now
        private var lastWait: String?

        init(progress: FleetProgress, index: Int) {
            self.progress = progress
            self.index = index
        }

        func observe(_ event: EngineEvent) {
            switch event {
            case .migrationStarted(let migration, let direction, _):
                progress.told(
                    index, migration.onOneLine + (direction == .undo ? "  rolling back" : ""))
            case .stepStarted(let migration, _, let step, let number, let count):
                place = "\(migration.onOneLine)  \(number)/\(count)  \(step.headline.onOneLine)"
                nextTenth = 1
                lastWait = nil
                lastLine = .now
                progress.told(index, place)
            case .progress(_, _, let progress): show(progress)
            case .stepFinished, .stepPassedOver: break
            case .waitingForLock(let object, let blockers, _, _):
                wait("waits for a lock on \(object), held by ", blockers)
            case .waitingForTransactions(let blockers): wait("waits for open transactions: ", blockers)
            case .heldUp(let reasons): stays(EventText.held(reasons))
            case .oldTransactions(let step, let blockers):
                stays(EventText.oldTransactions(before: step, blockers))
            case .leaseTakenOver(let holder): stays(EventText.takenOver(from: holder))
            case .connectionLost(let why, let limit): stays(EventText.connectionLost(why, limit: limit))
            case .connected(let after): stays(EventText.connected(after: after))
            case .note(let text): stays(text.onOneLine)
            }
        }

        private func show(_ progress: Progress) {
            let words = place + "  " + ProgressText(progress: progress).words
            self.progress.told(index, words)
            guard Int(progress.fraction * 10) >= nextTenth, .now - lastLine >= .seconds(2) else { return }
            nextTenth = Int(progress.fraction * 10) + 1
            stays(words)
        }

        /// A wait for the same holders is told once.
        private func wait(_ text: String, _ blockers: [Blocker]) {
            let words = text + blockers.map(\.description).joined(separator: "; ").onOneLine
            progress.told(index, words)
            let holders =
                text
                + blockers.map { $0.preparedName ?? $0.processID.map(String.init) ?? "" }
                .joined(separator: " ")
            guard holders != lastWait else { return }
            lastWait = holders
            stays(words)
        }

        private func stays(_ text: String) {
            lastLine = .now
            progress.line(index, text)
        }
    }
}
