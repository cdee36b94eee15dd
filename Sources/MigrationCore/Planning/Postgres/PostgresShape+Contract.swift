import DoubleWrite

extension PostgresShape {
    func addContract(to draft: inout OperationDraft) {
        if change.isGuarded { draft.add(.contract, "quiet", words.quiet) }
        draft.add(.contract, "retire", change.keepsName ? swap : retire)
        for (number, check) in new.lateChecks.enumerated() {
            let slug = number == 0 ? "check" : "check-\(number + 1)"
            draft.add(.contract, slug + "-validate", validate(check.name, "CHECK '\(check.name ?? "")'"))
        }
        draft.add(.contract, "soak", rank: .soak, words.soak)
        let drops = change.oldNames.map { "DROP COLUMN \(dialect.quote(dialect.retiredName(of: $0)))" }
        let sql =
            ["\(alter) \(drops.joined(separator: ", "))"] + new.finalNames(on: table.name) + finalNotNullNames
            + finalKey
            + raisedSequences + newIdentity + (guardian.map { [$0.rules.forgetting] } ?? [])
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what \(words.oldWas)",
                "Only the catalogue changes; the space of the values comes back as rows are written."
                    + (change.keepsName ? "" : " The stage becomes 'done' and is kept for ever."),
                statements(sql, flip: change.keepsName ? nil : change.flip(.done)),
                lock: .accessExclusive(table.name), isReversible: false))
        draft.lossReason = words.loss
    }

    func rename(_ old: String, to new: String) -> String {
        "\(alter) RENAME COLUMN \(dialect.quote(old)) TO \(dialect.quote(new))"
    }

    /// What heals and counts speaks of the old columns, so it goes with their names, and comes back with them.
    private var unguarded: [String] { guardian?.removal ?? [] }
    private var guarded: [String] { guardian?.creation ?? [] }

    private var retire: Step {
        Step(
            "retire \(words.old) under a hidden name",
            "Whoever still uses \(words.old) gets an error from here, while its values still exist.",
            statements(unguarded + change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }),
            lock: .accessExclusive(table.name), settlesFirst: true,
            undo: [
                Step(
                    "give \(words.old) \(words.oldNames) back",
                    "The values are those of the moment when they were left alone; the steps that follow refill them.",
                    statements(change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) } + guarded),
                    lock: .accessExclusive(table.name), settlesFirst: true)
            ])
    }

    /// Both names in one transaction, and the stage with them: afterwards the columns look as before the expand.
    private var swap: Step {
        let shadows = change.news.filter(\.isShadow)
        let there =
            unguarded + change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
            + shadows.map { rename($0.physicalName, to: $0.column.name) }
            + new.lateChecks.map { "\(alter) \(PostgresCarrying.originals.addition($0))" }
        let back =
            new.lateChecks.map { "\(alter) DROP CONSTRAINT \(dialect.quote($0.name ?? ""))" }
            + shadows.map { rename($0.column.name, to: $0.physicalName) }
            + change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) } + guarded
        return Step(
            "give \(words.new) its name, and \(words.old) a hidden one",
            "In one transaction with the stage, which becomes 'done' and is kept for ever: from the columns alone nobody "
                + "could tell this from a table before the change. Whoever knows nothing of it gets the new values from here.",
            statements(there, flip: change.flip(.done)),
            lock: .accessExclusive(table.name), settlesFirst: true,
            undo: [
                Step(
                    "give \(words.old) its name back, and \(words.new) the hidden one",
                    "In one transaction with the stage, which is 'new' again. The values of \(words.old) are those of the "
                        + "moment when it was left alone; the steps that follow refill it.",
                    statements(back, flip: change.flip(.new)),
                    lock: .accessExclusive(table.name), settlesFirst: true)
            ])
    }
}
