import MigrationCore
import MigrationEngine

/// Tells a run while it goes on: a line for each step that is done, and for a long one how far it is.
///
/// On a terminal the last line changes in place; elsewhere lines are only added, and not many: one for each
/// tenth of a long step, and none within two seconds of the one before.
final class RunObserver: EngineObserver {
    private let style: Style
    private let width: Int
    private let isTerminal: Bool
    private let write: (String) -> Void
    private let now: () -> ContinuousClock.Instant
    private var place = ""
    private var isShowingProgress = false
    private var lastLine: ContinuousClock.Instant
    private var nextTenth = 1
    private var linesOfStep = 0
    private var lastWait: String?

    /// - Parameters:
    ///   - write: Takes the words; standard output but in tests.
    ///   - now: The time.
    init(
        style: Style, width: Int, isTerminal: Bool, write: @escaping (String) -> Void = Output.write,
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.write = write
        self.now = now
        lastLine = now()
        self.style = style
        self.width = width
        self.isTerminal = isTerminal
    }

    func observe(_ event: EngineEvent) {
        switch event {
        case .migrationStarted(let migration, let direction, let isResumed):
            let verb = direction == .undo ? "  rolling back" : isResumed ? "  going on" : ""
            line(style(migration.onOneLine, .bold) + style(verb, .dim))
        case .stepStarted(_, _, let step, let number, let count): started(step, number, count)
        case .progress(_, _, let progress): show(progress)
        case .stepFinished(_, let step, let rows, let elapsed): finished(step, rows, elapsed)
        case .stepPassedOver(_, let step):
            line(place + words(step) + style("  passed over: no writers", .dim))
        case .waitingForLock(let object, let blockers, let attempt, let attempts):
            let tries = isTerminal ? " (attempt \(attempt) of \(attempts))" : ""
            wait("waits for a lock on \(object)\(tries)", ", held by ", blockers, key: object)
        case .waitingForTransactions(let blockers):
            wait("waits for open transactions", ": ", blockers, key: "")
        case .heldUp(let reasons): held(reasons)
        case .oldTransactions(let step, let blockers):
            line("  " + style(EventText.oldTransactions(before: step, blockers), .yellow))
        case .leaseTakenOver(let holder):
            line("  " + EventText.takenOver(from: holder))
        case .connectionLost(let why, let limit):
            line("  " + style(EventText.connectionLost(why, limit: limit), .yellow))
        case .connected(let after):
            line("  " + EventText.connected(after: after))
        case .note(let text): line("  " + text.onOneLine)
        }
    }

    /// Leaves no half line behind.
    func end() { clear() }

    private func started(_ step: Step, _ number: Int, _ count: Int) {
        let digits = String(count).count
        place = "  " + style(String(number).rightAligned(to: digits) + "/\(count)", .dim) + "  "
        nextTenth = 1
        linesOfStep = 0
        lastWait = nil
        lastLine = now()
        if isTerminal { transient(place + words(step) + " ...") }
    }

    private func finished(_ step: Step, _ rows: Int64?, _ elapsed: Duration) {
        let facts = [rows.map { Words.count($0, "row") }, Words.duration(elapsed)].compactMap(\.self)
        line(place + words(step) + style("  \(facts.joined(separator: ", "))", .dim))
    }

    private func words(_ step: Step) -> String {
        style(step.kind.rawValue.padded(to: 10), Words.tone(step.kind)) + step.headline.onOneLine
    }

    private func show(_ progress: Progress) {
        let text = ProgressText(progress: progress, style: style)
        if isTerminal { return transient(place + text.bar(width: width - 10)) }
        let now = self.now()
        guard Int(progress.fraction * 10) >= nextTenth, now - lastLine >= .seconds(2), linesOfStep < 30 else {
            return
        }
        nextTenth = Int(progress.fraction * 10) + 1
        linesOfStep += 1
        line(place + text.words)
    }

    /// A wait for the same thing and the same holders is told once; on a terminal the line follows it.
    private func wait(_ text: String, _ link: String, _ blockers: [Blocker], key: String) {
        let who = blockers.map(\.description).joined(separator: "; ")
        let said = "  " + style((text + (who.isEmpty ? "" : link + who)).onOneLine, .yellow)
        if isTerminal { return transient(said) }
        let holders = blockers.map { $0.preparedName ?? $0.processID.map(String.init) ?? "" }
        let wait = ([key] + holders).joined(separator: "\0")
        guard wait != lastWait, linesOfStep < 30 else { return }
        lastWait = wait
        linesOfStep += 1
        line(said)
    }

    private func held(_ reasons: [HoldReason]) {
        let words = EventText.held(reasons)
        guard !reasons.isEmpty else { return line("  " + words) }
        line("  " + style(words, .yellow) + (reasons.arePaused ? "; 'bellows resume' lets it go on" : ""))
    }

    private func line(_ text: String) {
        clear()
        lastLine = now()
        write(text + "\n")
    }

    private func transient(_ text: String) {
        clear()
        isShowingProgress = true
        // Longer than the line it could not be taken back.
        write(text.cut(to: width - 1))
    }

    private func clear() {
        if isShowingProgress { write("\r\u{1B}[2K") }
        isShowingProgress = false
    }
}
