import DoubleWrite

extension SQLiteShape {
    /// What must be known and waited for before anything changes.
    func addDoubleWrite(to draft: inout OperationDraft) {
        let demands = demands(besides: draft.newTables) + text.demands
        if !demands.isEmpty {
            draft.add(
                .doubleWrite, "round-trip",
                Step(
                    words.demand.title, words.demand.explanation,
                    .verify(
                        Verification(
                            table: table.name, invariants: demands,
                            sampleColumns: change.key + change.oldNames, sampleValues: change.demandSamples)),
                    scans: true))
        }
        if let forgotten = change.forgotten(sampling: (change.key + change.oldNames).uniqued) {
            draft.add(
                .doubleWrite, "forgotten",
                Step(words.forgotten.title, words.forgotten.explanation, .verify(forgotten), scans: true))
        }
        if change.keepsName { draft.add(.doubleWrite, "record-old", words.recordOld(flip(.old))) }
        draft.add(.doubleWrite, "release", words.doubleWriteRelease)
    }

    func addExpand(to draft: inout OperationDraft) {
        draft.add(.expand, "add-column", addColumn)
        if let step = text.references { draft.add(.expand, "references", step) }
        let filling = words.backfill("between the writers")
        draft.add(
            .expand, "backfill",
            backfill(
                filling.title, filling.explanation, change.forwardAssignments, change.forwardMismatch,
                change.lookup?.forward(change.forwardAssignments)))
        addIndexes(to: &draft)
        if let step = text.notNull { draft.add(.expand, "not-null", step) }
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
        if let index = change.lookup?.index {
            draft.add(
                .expand, "reference-index",
                build(
                    "build the index '\(index.name)' on \(words.new)", index.name,
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
        if !column.isNullable, !text.late.contains(new.physicalName) { definition += " NOT NULL" }
        if let defaultValue = column.defaultValue { definition += " DEFAULT \(defaultValue)" }
        if let check = new.check, !new.isShadow { definition += " CHECK \(check.parenthesized)" }
        if let clause = text.inline { definition += " \(clause.sql)" }
        if let target = new.references { definition += " \(target.sql(dialect))" }
        if let lookup = change.lookup { definition += lookup.clause }
        return definition
    }

    private var addColumn: Step {
        let hasDefault = change.news.contains { $0.column.defaultValue != nil }
        let readsRows = change.news.contains { $0.check != nil && !$0.isShadow }
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
        let watched = guardian.map { " " + $0.rules.words } ?? ""
        let plain =
            "The \(isOne ? "column" : "columns") \(meanwhile), \(only). In the same transaction "
            + "the helper's stage becomes 'both': from here every write goes to \(words.bothColumns), and "
            + "\(words.oldIs) the truth."
        return Step(
            words.lookup.map { words.addition($0).title } ?? "add \(words.new) beside \(words.old)",
            (words.lookup.map { words.addition($0).explanation } ?? plain) + watched,
            statements(
                (change.lookup?.creation ?? [])
                    + change.news.map { "\(alter) ADD COLUMN \(definition(of: $0))" }
                    + (guardian?.creation ?? []),
                flip: change.flip(.both, generation: change.generation)),
            lock: .reserved(readsRows ? "while the rows are read" : Lock.moment), scans: readsRows,
            undo: [
                Step(
                    words.lookup.map { words.removal($0).title } ?? "drop \(words.new) again",
                    "\(words.oldIs) the truth and has every value. SQLite writes every row anew for this, "
                        + "and writers wait as long as that takes. The helper's stage becomes 'old' in the same transaction.",
                    statements(
                        (guardian.map { $0.removal + [$0.rules.forgetting] } ?? [])
                            + change.physicalNames.reversed().map {
                                "\(alter) DROP COLUMN \(dialect.quote($0))"
                            }
                            + (change.lookup.map { ["DROP TABLE \(dialect.quote($0.table))"] } ?? []),
                        flip: change.flip(.old)),
                    lock: .reserved("while the rows are written anew"), scans: true, rewrites: true,
                    settlesFirst: true)
            ] + [text.restored].compactMap(\.self))
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
                undo: losses() + [
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
        if let step = text.handOver { draft.add(.transition, "relax", rank: .handOver, step) }
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
            undo: losses(", before it begins") + [flipBack, refill] + restored + countBeforeReading)
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
