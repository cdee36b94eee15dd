import DoubleWrite

extension SQLiteShape {
    /// What must be known and waited for before anything changes.
    func addDoubleWrite(to draft: inout OperationDraft) {
        let demands = change.demands
        if !demands.isEmpty {
            draft.add(
                .doubleWrite, "round-trip",
                Step(
                    "count the rows that would not survive the change",
                    "Every value goes to the new shape and back, and nothing is written. Any row that comes back as another "
                        + "one, or that the new columns would refuse, stops the migration here.",
                    .verify(
                        Verification(
                            table: table.name, invariants: demands,
                            sampleColumns: change.key + change.oldNames, sampleValues: change.demandSamples)),
                    scans: true))
        }
        if change.keepsName { draft.add(.doubleWrite, "record-old", words.recordOld(flip(.old))) }
        draft.add(.doubleWrite, "release", words.doubleWriteRelease)
    }

    func addExpand(to draft: inout OperationDraft) {
        draft.add(.expand, "add-column", addColumn)
        draft.add(
            .expand, "backfill",
            backfill(
                "copy \(words.old) to \(words.new)",
                "In small batches, between the writers, until one count over the whole table finds no row in which "
                    + "\(words.new) differs from \(words.old)"
                    + (change.isRename ? "." : ", as 'up' says it."),
                change.forwardAssignments, change.newMismatch))
        addIndexes(to: &draft)
        draft.add(
            .expand, "verify",
            verify(
                "count the rows in which \(words.theTwo) differ",
                change.isLossyDown
                    ? "Any row stops the migration here. What 'down' forgets is not counted (lossy_down)."
                    : "Both directions are counted in one statement, so in one snapshot; any row stops the migration here.",
                change.bothWays, settles: false))
    }

    func addIndexes(to draft: inout OperationDraft) {
        for (number, index) in copied.enumerated() {
            let name = copyName(of: index)
            draft.add(
                .expand, "index-\(number + 1)",
                build(
                    "build the index '\(name)', the copy of '\(index.name)'", name,
                    create(index, named: name, renaming: change.heirs)))
        }
        for (number, index) in declared.enumerated() {
            draft.add(
                .expand, "unique-\(number + 1)",
                build(
                    "build the index '\(index.name)'", index.name,
                    create(index.asIndex(dialect), named: index.name)))
        }
    }

    private func build(_ title: String, _ name: String, _ statement: String) -> Step {
        Step(
            title,
            "SQLite builds it in one transaction: writers wait for it as long as that takes, readers do not.",
            statements([statement]),
            lock: .reserved("while the index is built"), scans: true,
            undo: [Step("drop the index '\(name)'", "", statements([drop(name)]), lock: .reserved())])
    }

    func definition(of new: ShapeChange.New) -> String {
        let column = new.column
        var definition = "\(dialect.quote(new.physicalName)) \(column.type)"
        if let collation = column.collation { definition += " COLLATE \(collation)" }
        if !column.isNullable { definition += " NOT NULL" }
        if let defaultValue = column.defaultValue { definition += " DEFAULT \(defaultValue)" }
        if let check = new.check { definition += " CHECK \(check.parenthesized)" }
        if let target = new.references { definition += " \(target.sql(dialect))" }
        return definition
    }

    private var addColumn: Step {
        let hasDefault = change.news.contains { $0.column.defaultValue != nil }
        let readsRows = change.news.contains { $0.check != nil }
        let isOne = change.news.count == 1
        let meanwhile =
            !hasDefault
            ? (isOne ? "is empty" : "are empty")
            : (isOne ? "shows its default in every row" : "show their defaults in every row")
                + " until the next step"
        let only =
            readsRows
            ? "and the rows that are there are read for the CHECK, while writers wait"
            : "so only the schema changes, whatever the number of rows"
        return Step(
            "add \(words.new) beside \(words.old)",
            "The \(isOne ? "column" : "columns") \(meanwhile), \(only). In the same transaction "
                + "the helper's stage becomes 'both': from here every write goes to \(words.bothColumns), and "
                + "\(words.oldIs) the truth.",
            statements(
                change.news.map { "\(alter) ADD COLUMN \(definition(of: $0))" },
                flip: change.flip(.both, generation: change.generation)),
            lock: .reserved(readsRows ? "while the rows are read" : Lock.moment), scans: readsRows,
            undo: [
                Step(
                    "drop \(words.new) again",
                    "\(words.oldIs) the truth and has every value. SQLite writes every row anew for this, "
                        + "and writers wait as long as that takes. The helper's stage becomes 'old' in the same transaction.",
                    statements(
                        change.physicalNames.reversed().map { "\(alter) DROP COLUMN \(dialect.quote($0))" },
                        flip: change.flip(.old)),
                    lock: .reserved("while the rows are written anew"), scans: true, rewrites: true,
                    settlesFirst: true)
            ])
    }
}

extension SQLiteShape {
    func addTransition(to draft: inout OperationDraft) {
        draft.add(
            .transition, "verify-both",
            verify(
                "count the rows in which \(words.theTwo) differ, before \(words.newBecomes) the truth",
                change.isLossyDown ? "" : "Both directions in one snapshot.", change.bothWays, settles: true))
        draft.add(
            .transition, "flip-both-read-new",
            Step(
                "make \(words.new) the truth; both are still written",
                "The helper reads \(words.new) from here.", flip(.bothReadNew),
                undo: losses + [
                    reverseBackfill,
                    verify(
                        "count the rows in which \(words.theTwo) differ, before \(words.oldIs) the truth again",
                        change.isLossyDown ? "" : "Both directions in one snapshot.", change.returned,
                        settles: true),
                    Step(
                        "make \(words.old) the truth again; both are still written",
                        "The helper reads \(words.old) from here.", flip(.both)),
                ]))
        draft.add(.transition, "release-read-new", rank: .readNewGate, words.readNewRelease)
        if !change.isLossyDown {
            draft.add(
                .transition, "verify-old", rank: .handOver,
                verify(
                    "count the rows in which \(words.oldDoes) not follow \(words.new)",
                    "Until here \(words.old) can be read again without loss.", change.oldIsNew, settles: true)
            )
        }
        draft.add(.transition, "flip-new", rank: .handOver, handOver)
        draft.add(.transition, "release-new", rank: .newGate, words.newRelease)
    }

    /// Unique indexes of the old column go: it is not filled any more, and its values need not be unique then.
    private var handOver: Step {
        let unique = indexes.filter(\.isUnique)
        let names = unique.map { "'\($0.name)'" }.joined(separator: ", ")
        let title = "write only \(words.new)"
        let flipBack = Step(
            "write \(words.bothColumns) again; \(words.newIs) the truth",
            "The helper fills \(words.old) from here.", flip(.bothReadNew), settlesFirst: true)
        let restored = unique.map { index in
            Step(
                "build '\(index.name)' on \(words.old) again",
                "Writers wait as long as it takes, readers do not.",
                statements([drop(index.name), create(index, named: index.name)]),
                lock: .reserved("while the index is built"), scans: true)
        }
        return Step(
            unique.isEmpty ? title : "drop the unique index \(names) of \(words.old); \(title)",
            "The helper leaves \(words.old) alone from here"
                + (unique.isEmpty ? "." : ", so its values need not be unique any more."),
            unique.isEmpty
                ? flip(.new) : statements(unique.map { drop($0.name) }, flip: change.flip(.new)),
            lock: unique.isEmpty ? nil : .reserved(),
            undo: losses + [flipBack, reverseBackfill] + restored + countBeforeReading)
    }

    /// An application with code of its own reads the old columns again behind the next gate, before the truth is theirs.
    private var countBeforeReading: [Step] {
        guard !change.isRename, !change.isLossyDown else { return [] }
        return [
            verify(
                "count the rows in which \(words.theTwo) differ, before anybody reads \(words.old) again",
                "Both directions in one snapshot. A value that only \(words.new) can hold stops the rollback here.",
                change.returned, settles: true)
        ]
    }
}
