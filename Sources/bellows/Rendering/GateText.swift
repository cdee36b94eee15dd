import MigrationCore
import MigrationEngine

/// What a migration waits for, and the very command that would meet it.
struct GateText {
    let gate: UnmetGate
    /// Whether the migration goes on or back.
    var direction = Direction.forward
    /// The phase of the step that waits.
    var phase: Phase?
    var style = Style.plain
    var width = 96
    var commands = CommandWords()
    var indent = 2

    var lines: [String] {
        switch gate.condition {
        case .release(let missing): counted + missing.flatMap(release)
        case .soak(let until, let remaining):
            [
                said("\(Words.duration(remaining)) more, until \(until)"),
                command(again),
            ]
        case .transactions(let blockers):
            [said("transactions that were open at the last flip to end:")]
                + blockers.map { bare($0.description.onOneLine) }
                + [command(again)]
        case .violations(let report):
            [
                said(
                    "rows of \(report.table) in which old and new disagree, although every writer should write both:"
                )
            ]
                + (VerificationText(report: report, style: style).counts
                + VerificationText(report: report, style: style).samples).map(bare)
                + [command(commands.verify(gate.migration))]
        case .held(let reasons):
            [said(reasons.map(\.description).joined(separator: "; ").onOneLine)] + remedies.map(command)
        case .migrations(let names):
            names.flatMap { name in
                [said("'\(name.onOneLine)', on which it builds, to be finished"), command(finish(name))]
            }
        }
    }

    /// One line without colour, for JSON.
    var words: String {
        switch gate.condition {
        case .release(let missing):
            "the release of \(Words.list(missing.map { "'\($0.application)'" }))"
        case .soak(let until, _): "the soak until \(until)"
        case .transactions(let blockers):
            "transactions: \(blockers.map(\.description).joined(separator: "; "))"
        case .violations(let report): "rows of \(report.table) in which old and new disagree"
        case .held(let reasons): reasons.map(\.description).joined(separator: "; ")
        case .migrations(let names): "the earlier \(Words.list(names.map { "'\($0)'" }))"
        }
    }

    /// The commands that would meet it, in order.
    var remedies: [String] {
        switch gate.condition {
        case .release(let missing): missing.map(attest)
        case .soak, .transactions: [again]
        case .violations: [commands.verify(gate.migration)]
        case .held(let reasons): (reasons.arePaused ? [commands.resume] : []) + [again]
        case .migrations(let names): names.map(finish)
        }
    }

    /// What a guard has counted since the attestations.
    private var counted: [String] {
        guard !gate.strays.isEmpty else { return [] }
        return [said("nobody to write the old shape alone any more, as was done since the attestations:")]
            + gate.strays.map { bare($0.description.onOneLine) }
    }

    private func release(_ missing: MissingAttestation) -> [String] {
        let other = missing.isAttestedForOtherFile ? " (attested for another content of the file)" : ""
        let before = missing.attested.map { " (attested so far: \($0.rawValue))" } ?? other
        let conduct = missing.conductToName.map { " as \($0.rawValue)" } ?? ""
        return [
            said("every instance of '\(missing.application)' to run the release\(conduct)\(before)"),
            command(attest(missing)),
        ]
    }

    private func attest(_ missing: MissingAttestation) -> String {
        commands.attest(missing.application, gate.migration, as: missing.conductToName)
    }

    private func finish(_ migration: String) -> String { commands.apply(migration, through: .contract) }

    private var again: String {
        switch direction {
        case .forward: commands.apply(gate.migration, through: phase == .contract ? .contract : nil)
        case .undo: commands.rollback(gate.migration)
        }
    }

    private var margin: String { String(repeating: " ", count: indent) }

    private func said(_ text: String) -> String { margin + style("waits for".padded(to: 11), .yellow) + text }

    private func bare(_ text: String) -> String { margin + "".padded(to: 11) + text }

    private func command(_ text: String) -> String { bare(style(text, .bold)) }
}
