import MigrationCore
import MigrationEngine

/// A long step's progress in one line: a bar, the rows, the rate, the time left.
struct ProgressText {
    let progress: Progress
    var style = Style.plain

    /// With a bar, for a terminal.
    func bar(width: Int) -> String {
        let words = self.words
        let room = min(30, width - words.columns - 20)
        guard room >= 8 else { return words }
        let filled = Int((Double(room) * fraction).rounded(.down))
        let bar = String(repeating: "━", count: filled)
        let rest = String(repeating: "━", count: room - filled)
        return style(bar, .green) + style(rest, .dim) + "  " + words
    }

    /// Without, for a log.
    var words: String {
        var words = "\(Int((fraction * 100).rounded(.down)))%".rightAligned(to: 4)
        words += "  \(Words.count(progress.rowsDone, "row"))"
        if progress.rowsPerSecond >= 1 {
            words += ", \(Words.number(Int64(progress.rowsPerSecond)))/s"
        }
        if let remaining = progress.remaining, remaining > .zero {
            words += ", \(Words.duration(remaining)) left"
        }
        if progress.pass > 1 { words += " (pass \(progress.pass))" }
        return words
    }

    private var fraction: Double { min(1, max(0, progress.fraction.isFinite ? progress.fraction : 0)) }
}
