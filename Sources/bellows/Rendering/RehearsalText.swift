import Rehearsal

/// What a rehearsal came to, in plain words.
struct RehearsalText {
    let report: RehearsalReport
    /// The command that plays a failure again.
    var again: String?
    var style = Style.plain
    var width = 96

    /// The whole text, with a line end.
    var text: String {
        let head =
            "\(style(report.migration.onOneLine, .bold))  \(Words.database(report.dialect)), seed \(report.seed)"
        return ([head] + (report.failure.map(failed) ?? passed) + [""]).joined(separator: "\n")
    }

    private var passed: [String] {
        let tally = report.tally
        let schedules = Words.count(Int64(tally.schedules), "schedule")
        var lines = [
            style("  \(schedules): no write lost, no read stale, no lock stronger than planned", .green)
        ]
        lines += line("applications", applications)
        lines += line(
            "faults",
            "\(count(tally.crashes, "instance")) died, \(count(tally.deploys, "deploy")), \(tally.runnerCrashes) runs died "
                + "in the middle of a step, \(tally.cuts) lost their connections, \(count(tally.rollbacks, "rollback"))"
                + ", \(tally.lateRollbacks) tried when it was finished"
        )
        lines += line("steps", "\(count(tally.steps, "transaction")) of the plan, forth and back")
        lines += line("locks", locks)
        if let timing = report.timing { lines += self.lines(of: timing) }
        for note in report.notes { lines += line("note", note) }
        return lines
    }

    private var applications: String {
        guard !report.tables.isEmpty else {
            return "none: no operation changes a table whose rows they could write"
        }
        let tally = report.tally
        return
            "\(Words.list(report.tables.map { "'\($0)'" })): \(number(tally.writes)) writes acknowledged, 0 lost; "
            + "\(number(tally.reads)) reads, 0 stale; \(number(tally.refused)) statements made way for a lock"
            + parts
    }

    private var parts: String {
        let counts = [
            (report.tally.partialWrites, "writes of single columns"),
            (report.tally.ownWrites, "by code that writes both shapes itself"),
        ].filter { $0.0 > 0 }.map { "\(number($0.0)) \($0.1)" }
        return counts.isEmpty ? "" : "; of the writes, " + counts.joined(separator: ", ")
    }

    private var locks: String {
        "looked at \(count(report.tally.looksAtLocks, "time"))"
            + (report.locks.isEmpty ? "" : "; the strongest: \(strongest)")
    }

    private var strongest: String {
        let modes = Dictionary(grouping: report.locks.keys.sorted(), by: { report.locks[$0] ?? "" })
        let names = [
            "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE", "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE",
            "ACCESS SHARE",
        ]
        let mode = names.first { modes[$0] != nil } ?? ""
        return "\(mode) in \(count(modes[mode]?.count ?? 0, "step"))"
    }

    private func lines(of timing: Timing) -> [String] {
        let during = timing.during.map { " while '\($0)'" } ?? ""
        let slowest = timing.steps.max { $0.milliseconds < $1.milliseconds }
        return line(
            "waits",
            "the longest of \(number(timing.writes)) writes beside a run took \(milliseconds(timing.longestWait))\(during)"
        )
            + (slowest.map { line("slowest step", "\($0.title): \(milliseconds($0.milliseconds))") } ?? [])
    }

    private func failed(_ failure: RehearsalReport.Failure) -> [String] {
        let what =
            switch failure.kind {
            case "lost": "a write that was acknowledged is lost"
            case "stale": "a read saw something else than the last acknowledged write"
            case "broken": "a statement of an application failed"
            case "lock": "a lock is stronger than the plan says"
            default: "the run failed"
            }
        let place = failure.schedule > 0 ? "schedule \(failure.schedule)" : "the run beside writers"
        var lines = [
            style("  \(place) failed: \(what)", .red), "  \(failure.message)", "",
        ]
        lines += failure.trace.map { "    \($0)" }
        if let again { lines += ["", "  once more  \(style(again, .bold))"] }
        return lines
    }

    private func line(_ word: String, _ text: String) -> [String] {
        ["  " + style(word.padded(to: 14), .dim) + text]
    }

    private func milliseconds(_ value: Double) -> String { "\((value * 10).rounded() / 10) ms" }

    private func number(_ value: Int) -> String { Words.number(Int64(value)) }

    private func count(_ value: Int, _ noun: String) -> String { Words.count(Int64(value), noun) }
}
