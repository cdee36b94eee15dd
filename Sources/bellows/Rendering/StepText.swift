import DoubleWrite
import MigrationCore

/// One step of a plan as a person reads it.
struct StepText {
    let step: Step
    /// Its number over the whole plan.
    let number: Int
    let page: PlanText

    private var margin: String { String(repeating: " ", count: page.indent) }
    private var room: Int { page.width - page.indent }

    var lines: [String] {
        title + explanation + sql + facts
    }

    private var title: [String] {
        let number = String(self.number).rightAligned(to: page.numberWidth)
        let kind = page.style(step.kind.rawValue.padded(to: 9), Words.tone(step.kind))
        let mark = page.standsAt.map { self.number < $0 ? "✓ " : self.number == $0 ? "▸ " : "  " } ?? "  "
        let label = "\(page.style(mark, .green))\(number)  \(kind) "
        let words = wrapped(step.headline.sentence, width: room)
        return words.enumerated().map { index, line in
            (index == 0 ? label : margin) + page.style(line, .bold)
        }
    }

    private var explanation: [String] {
        step.explanation.isEmpty ? [] : wrapped(step.explanation, width: room).map { margin + $0 }
    }

    private var sql: [String] {
        let statements = step.ownSQL(page.plan.dialect)
        return statements.flatMap { statement in
            sqlLines(statement.terminated, width: room - 2).map { margin + "  " + page.style($0, .cyan) }
        }
    }

    /// What it locks, reads, writes and waits for, and how it is taken back: a label and a few words each.
    private var facts: [String] {
        var facts: [(label: String, text: String)] = []
        if step.settlesFirst {
            facts.append(("waits", "until every transaction that is open by then has ended"))
        }
        if let lock = step.lock {
            facts.append(("lock", "\(lock.mode) on \(lock.object), \(lock.duration)"))
        }
        if step.rewrites {
            let isBatched = step.kind == .backfill
            facts.append(("writes", isBatched ? "every row that differs, in batches" : "every row anew"))
        } else if step.scans {
            facts.append(("reads", "the whole table"))
        }
        if let flip = step.flip {
            facts.append(("stage", "'\(flip.change.name.onOneLine)' becomes \(flip.stage.rawValue)"))
        }
        facts += gate
        facts += undo.map { ("undo", $0) }
        return facts.enumerated().flatMap { index, fact in
            let isRepeated = index > 0 && facts[index - 1].label == fact.label
            let label = margin + page.style((isRepeated ? "" : fact.label).padded(to: 8), .dim)
            return page.hanging(fact.text, behind: label, indent: page.indent + 8)
        }
    }

    /// What an attestation must say.
    private var gate: [(label: String, text: String)] {
        guard case .release(let release) = step.action else { return [] }
        let own = release.needs == .helper ? nil : "--as \(release.needs.rawValue)"
        let helper = "bellows attest APPLICATION"
        if release.acceptsHelper, let own {
            return [("gate", "\(helper)   (\(own) where it does not use the helper)")]
        }
        return [("gate", own.map { "\(helper) \($0)" } ?? helper)]
    }

    private var undo: [String] {
        guard step.isReversible else { return ["cannot be undone"] }
        return step.undo.map(\.title)
    }
}

extension Step {
    /// The title, without the kind where it begins with that: the kind is shown beside it.
    var headline: String {
        let prefix = kind.rawValue + ": "
        return title.hasPrefix(prefix) ? String(title.dropFirst(prefix.count)) : title
    }

    /// What it runs on the user's tables: how a stage is recorded is the same every time and shown in words.
    fileprivate func ownSQL(_ dialect: Dialect) -> [String] {
        switch action {
        case .flip: []
        case .schema(let change): change.statements
        case .release, .buildIndex, .dropIndex, .backfill, .sqlite, .verify, .soak: sql(dialect)
        }
    }
}

extension String {
    /// The text with its first letter in upper case, unless it begins with a name.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() }

    /// The statement with its semicolon.
    var terminated: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.hasSuffix(";") ? String(text) : text + ";"
    }
}
