import DoubleWrite
import MigrationCore

/// A plan as a person reads it: what happens, in which order, what it locks, and how far back the way is
/// open.
struct PlanText {
    let plan: Plan
    var style = Style.plain
    var width = 96
    var commands = CommandWords()
    /// The step that a migration in flight stands at, from 1: those before are done.
    var standsAt: Int?
    /// What the plan was made against: `sqlite:shelter.db`, or nothing but the files.
    var source: String?

    /// The whole text, with a line end.
    var text: String {
        var lines = header
        for phase in plan.phases {
            lines.append("")
            lines += heading(phase.phase)
            for step in phase.steps {
                lines.append("")
                lines +=
                    StepText(
                        step: step, number: number(of: step), page: self
                    ).lines
            }
        }
        lines += footer
        return lines.map(\.withoutTrailingSpaces).joined(separator: "\n") + "\n"
    }

    /// The columns in front of a step's text: its number and kind.
    var indent: Int { numberWidth + 14 }

    var numberWidth: Int { max(2, String(plan.steps.count).count) }

    /// The step's number over the whole plan, from 1.
    func number(of step: Step) -> Int {
        (plan.steps.firstIndex { $0.step.id == step.id } ?? 0) + 1
    }

    private var header: [String] {
        let against = Words.database(plan.dialect) + (source.map { " · \($0)" } ?? "")
        let name = plan.migration.onOneLine
        let gap = max(2, width - name.columns - against.columns)
        let title = style(name, .bold) + String(repeating: " ", count: gap) + style(against, .dim)
        let place = standsAt.map { "In flight: stands at step \($0) of \(plan.steps.count)." }
        return [title]
            + ([plan.description] + sizes + [place]).compactMap(\.self).flatMap { wrapped($0, width: width) }
    }

    /// `animals: about 1,000,000 rows, 89 MB`.
    private var sizes: [String] {
        (plan.sizes ?? []).map { size in
            let rows = size.rows.map { "about " + Words.count($0, "row") }
            let facts = [rows, size.bytes.map(Words.bytes)].compactMap(\.self)
            return "\(size.table.description.onOneLine): " + facts.joined(separator: ", ")
        }
    }

    private func heading(_ phase: Phase) -> [String] {
        let name = phase.rawValue.uppercased().padded(to: indent)
        return hanging(Words.meaning(phase), behind: style(name, .bold), indent: indent)
    }

    /// Text behind a label, its further lines under its first word.
    func hanging(_ text: String, behind label: String, indent: Int) -> [String] {
        let lines = wrapped(text, width: width - indent)
        return lines.enumerated().map { index, line in
            (index == 0 ? label : String(repeating: " ", count: indent)) + line
        }
    }
}

// MARK: - What stands below the steps

extension PlanText {
    private var footer: [String] {
        var lines: [String] = []
        lines += notes("PROOF", [plan.proof?.line].compactMap(\.self), .bold)
        lines += notes("UNDO", [undo], .bold)
        lines += notes("OPEN", plan.unresolved, .yellow)
        lines += notes("MIND", plan.warnings, .yellow)
        return lines + next
    }

    private func notes(_ title: String, _ notes: [String], _ tone: Style.Tone) -> [String] {
        guard !notes.isEmpty else { return [] }
        return [""]
            + notes.enumerated().flatMap { index, note in
                let label = index == 0 ? style(title.padded(to: indent), tone) : "".padded(to: indent)
                return hanging(note, behind: label, indent: indent)
            }
    }

    /// Until where the migration can be undone without losing a write.
    private var undo: String {
        let rollback = "'\(commands.rollback(plan.migration))'"
        guard let point = plan.pointOfNoReturn,
            let number = plan.steps.firstIndex(where: { $0.step.id == point.step })
        else {
            // Only a change keeps what is written on both sides; what a new column or table holds goes with it.
            let isChange = plan.steps.contains { $0.step.flip != nil }
            return "Every step can be undone\(isChange ? " without losing a write" : ""): \(rollback)."
        }
        guard number > 0 else {
            return "Nothing can be undone: with step 1, \(point.reason)."
        }
        return "Can be undone without losing a write until step \(number + 1) (\(point.reason)): \(rollback)."
    }

    private var next: [String] {
        let releases = plan.steps.enumerated().filter { $0.element.step.kind == .release }.map(\.offset)
        var rows: [(command: String, when: String)] = []
        if !releases.isEmpty {
            rows.append(
                (
                    commands.attest("APPLICATION", plan.migration),
                    "when the release of \(steps(releases)) is out everywhere"
                ))
        }
        let contract = plan.steps.indices.filter { plan.steps[$0].phase == .contract }
        let before = plan.steps.indices.filter { plan.steps[$0].phase < .contract }
        if !before.isEmpty { rows.append((commands.apply(plan.migration), "runs \(range(before))")) }
        if !contract.isEmpty {
            rows.append(
                (
                    commands.apply(plan.migration, through: .contract),
                    "runs \(range(contract))" + (before.isEmpty ? "" : " as well")
                ))
        }
        let column = (rows.map(\.command.columns).max() ?? 0) + 2
        let room = width - indent
        let isNarrow = rows.contains { column + $0.when.columns > room }
        return [""]
            + rows.enumerated().flatMap { index, row in
                let label = style((index == 0 ? "NEXT" : "").padded(to: indent), .bold)
                if isNarrow {
                    return [label + row.command, "".padded(to: indent + 2) + style(row.when, .dim)]
                }
                return [label + row.command.padded(to: column) + style(row.when, .dim)]
            }
    }

    private func steps(_ indices: [Int]) -> String {
        "step\(indices.count == 1 ? "" : "s") " + Words.list(indices.map { String($0 + 1) })
    }

    private func range(_ indices: [Int]) -> String {
        guard let first = indices.first, let last = indices.last, first != last else { return steps(indices) }
        return "steps \(first + 1) to \(last + 1)"
    }
}

extension String {
    fileprivate var withoutTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
