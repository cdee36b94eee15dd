import MigrationCore
import MigrationEngine

/// Where every migration stands, what it waits for, and the command that would meet it.
struct StatusText {
    let report: StatusReport
    var style = Style.plain
    var width = 96
    var commands = CommandWords()

    /// The whole text, with a line end.
    var text: String {
        var lines: [String] = []
        if report.migrations.isEmpty { lines.append("no migrations yet; 'bellows new NAME' makes one") }
        let column = report.migrations.map { $0.name.onOneLine.columns }.max() ?? 0
        for migration in report.migrations {
            let details = self.details(migration)
            if !details.isEmpty, !lines.isEmpty, lines.last != "" { lines.append("") }
            lines.append(head(migration, column: column))
            lines += details
            if !details.isEmpty { lines.append("") }
        }
        if lines.last == "" { lines.removeLast() }
        return (lines + strays + drift + pause + lease).joined(separator: "\n") + "\n"
    }

    private func head(_ migration: MigrationStatus, column: Int) -> String {
        let name = migration.name.onOneLine.padded(to: column)
        let state =
            switch migration.state {
            case .pending: style("pending", .dim)
            case .inFlight: style("in flight", .yellow)
            case .rollingBack: style("rolling back", .magenta)
            case .finished: style("finished", .green) + (migration.finished.map { "  \($0)" } ?? "")
            }
        return style(name, .bold) + "  " + state
    }

    private func details(_ migration: MigrationStatus) -> [String] {
        var lines: [String] = []
        if migration.isEdited {
            lines.append(
                warning(
                    migration.state == .finished
                        ? "its file was edited after it was finished: undo the edit; a new change is a new file"
                        : "its file was edited after it began: put the file back as it was, or roll it back"))
        }
        if migration.isFileMissing {
            lines.append(warning("its file is gone: put it back"))
        }
        if migration.state == .pending { return lines + gates(migration, .forward) }
        guard migration.state == .inFlight || migration.state == .rollingBack else { return lines }
        if let description = migration.description {
            lines += wrapped(description, width: width - 2).map { "  " + $0 }
        }
        lines += [phases(migration)] + step(migration)
        if let error = migration.error {
            lines += wrapped("failed: \(error.onOneLine)", width: width - 2).map { "  " + style($0, .red) }
        }
        let direction: Direction = migration.state == .rollingBack ? .undo : .forward
        lines += gates(migration, direction)
        // A rollback needs no file.
        let isStopped = direction == .forward && (migration.isEdited || migration.isFileMissing)
        if migration.waitsFor.isEmpty, !isStopped { lines += next(migration, direction) }
        return lines
    }

    private func gates(_ migration: MigrationStatus, _ direction: Direction) -> [String] {
        migration.waitsFor.flatMap { gate in
            GateText(
                gate: gate, direction: direction, phase: migration.step?.phase, style: style, width: width,
                commands: commands
            ).lines
        }
    }

    /// `double-write ✓   expand ✓   transition ▸   contract ·`.
    private func phases(_ migration: MigrationStatus) -> String {
        let marks = Phase.allCases.map { phase in
            guard let current = migration.phase else { return style("\(phase.rawValue) ·", .dim) }
            if phase < current { return style("\(phase.rawValue) ✓", .green) }
            if phase > current { return style("\(phase.rawValue) ·", .dim) }
            return style("\(phase.rawValue) ▸", .bold)
        }
        return "  " + marks.joined(separator: "   ")
    }

    private func step(_ migration: MigrationStatus) -> [String] {
        guard let position = migration.step else { return [] }
        let label = "stands at".padded(to: 11)
        return wrapped(
            "step \(position.number) of \(position.count): \(position.step.title.onOneLine)",
            width: width - 13
        ).enumerated().map { "  " + ($0.offset == 0 ? style(label, .dim) : "".padded(to: 11)) + $0.element }
    }

    private func next(_ migration: MigrationStatus, _ direction: Direction) -> [String] {
        let command =
            switch direction {
            case .forward:
                commands.apply(migration.name, through: migration.step?.phase == .contract ? .contract : nil)
            case .undo: commands.rollback(migration.name)
            }
        return ["  " + style("goes on by".padded(to: 11), .dim) + style(command, .bold)]
    }

    private func warning(_ text: String) -> String { "  " + style(text, .red) }

    private var strays: [String] {
        guard !report.strays.isEmpty else { return [] }
        return [
            "", style("guard", .yellow) + ": writes of the old shape alone, which were healed and counted",
        ]
            + report.strays.flatMap {
                wrapped("\("\($0.change)".onOneLine): \($0.description.onOneLine)", width: width - 2).map {
                    "  " + $0
                }
            }
    }

    private var drift: [String] {
        guard !report.drift.isEmpty else { return [] }
        return ["", style("drift", .red) + ": tables that are not as the migrations in flight left them"]
            + report.drift.flatMap { drift in
                ["  \(drift.table)"]
                    + drift.missing.map { "    missing  \($0.onOneLine)" }
                    + drift.extra.map { "    extra    \($0.onOneLine)" }
            }
    }

    private var pause: [String] {
        guard let note = report.pause else { return [] }
        return [
            "", style("backfills are ", .yellow) + note.description.onOneLine,
            "  " + style(commands.resume, .bold),
        ]
    }

    private var lease: [String] {
        guard let holder = report.lease else { return [] }
        return ["", "running now: \(holder), since \(holder.since)"]
    }
}
