import DoubleWrite

extension SQLiteShape {
    func addContract(to draft: inout OperationDraft) {
        if change.isGuarded { draft.add(.contract, "quiet", words.quiet) }
        draft.add(.contract, "retire", change.keepsName ? swap : retire)
        if let step = text.checks { draft.add(.contract, "checks", step) }
        draft.add(.contract, "soak", rank: .soak, words.soak)
        let left = indexes.filter { !$0.isUnique }.map { drop($0.name) }
        let drops = change.oldNames.map {
            "\(alter) DROP COLUMN \(dialect.quote(dialect.retiredName(of: $0)))"
        }
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what \(words.oldWas)",
                "SQLite writes every row anew for this, and writers wait as long as that takes."
                    + (change.keepsName ? "" : " The stage becomes 'done' and is kept for ever."),
                statements(
                    left + drops + (guardian.map { [$0.rules.forgetting] } ?? []),
                    flip: change.keepsName ? nil : change.flip(.done)),
                lock: .reserved("while the rows are written anew"), scans: true, rewrites: true,
                isReversible: false))
        for (number, index) in copied.enumerated() {
            draft.add(.contract, "index-\(number + 1)", rank: .drop, finalName(of: index))
        }
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
            lock: .reserved(), settlesFirst: true,
            undo: [
                Step(
                    "give \(words.old) \(words.oldNames) back",
                    "The values are those of the moment when they were left alone; the steps that follow refill them.",
                    statements(change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) } + guarded),
                    lock: .reserved(), settlesFirst: true)
            ])
    }

    /// Both names in one transaction, and the stage with them: afterwards the columns look as before the expand.
    private var swap: Step {
        let shadows = change.news.filter(\.isShadow)
        let there =
            unguarded + change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
            + shadows.map { rename($0.physicalName, to: $0.column.name) }
        let back =
            shadows.map { rename($0.column.name, to: $0.physicalName) }
            + change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) } + guarded
        return Step(
            "give \(words.new) its name, and \(words.old) a hidden one",
            "In one transaction with the stage, which becomes 'done' and is kept for ever: from the columns alone nobody "
                + "could tell this from a table before the change. Whoever knows nothing of it gets the new values from here.",
            statements(there, flip: change.flip(.done)),
            lock: .reserved(), settlesFirst: true,
            undo: [
                Step(
                    "give \(words.old) its name back, and \(words.new) the hidden one",
                    "In one transaction with the stage, which is 'new' again. The values of \(words.old) are those of the "
                        + "moment when it was left alone; the steps that follow refill it.",
                    statements(back, flip: change.flip(.new)),
                    lock: .reserved(), settlesFirst: true)
            ])
    }

    func finalName(of index: Index) -> Step {
        let names = Dictionary(
            uniqueKeysWithValues: change.heirs.keys.map { ($0, change.news[0].column.name) })
        return Step(
            "give the index '\(index.name)' its name back",
            "SQLite renames no index: it is built anew under its own name, and '\(copyName(of: index))' goes in the same "
                + "transaction. Writers wait as long as that takes, readers do not.",
            statements([
                create(index, named: index.name, renaming: names),
                drop(copyName(of: index)),
            ]),
            lock: .reserved("while the index is built"), scans: true, isReversible: false)
    }
}

extension CreateIndex {
    /// The index as a schema has it.
    func asIndex(_ dialect: Dialect) -> Index {
        Index(
            name: name, isUnique: isUnique, definition: definition(dialect), columns: Set(columnNames),
            isSimple: isSimple)
    }
}
