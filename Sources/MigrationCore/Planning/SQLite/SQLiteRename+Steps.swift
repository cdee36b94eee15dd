import DoubleWrite

extension SQLiteRename {
    func addExpand(to draft: inout OperationDraft) {
        draft.add(.doubleWrite, "release", words.doubleWriteRelease)
        draft.add(.expand, "add-column", addColumn)
        draft.add(
            .expand, "backfill",
            backfill(
                "copy '\(operation.from)' to '\(operation.to)'",
                "In small batches, between the writers, until one count over the whole table finds no row in which "
                    + "'\(operation.to)' differs from '\(operation.from)'.",
                from: quotedOld, to: quotedNew))
        for (number, index) in indexes.enumerated() {
            let name = copyName(of: index)
            draft.add(
                .expand, "index-\(number + 1)",
                Step(
                    "build the index '\(name)', the copy of '\(index.name)'",
                    "SQLite builds it in one transaction: writers wait for it as long as that takes, readers do not.",
                    statements([create(index, named: name, renaming: [operation.from: operation.to])]),
                    lock: .reserved("while the index is built"), scans: true,
                    undo: [
                        Step(
                            "drop the index '\(name)'", "", statements([drop(name)]), lock: .reserved())
                    ]))
        }
        draft.add(
            .expand, "verify",
            verify(
                "count the rows in which the two columns differ",
                "Both directions are counted in one statement, so in one snapshot; any row stops the migration here.",
                [newIsOld, oldIsNew], settles: false))
    }

    private var addColumn: Step {
        var definition = "\(quotedNew) \(column.type)"
        if let collation = column.collation { definition += " COLLATE \(collation)" }
        if !column.isNullable { definition += " NOT NULL" }
        if let defaultValue = column.defaultValue { definition += " DEFAULT \(defaultValue)" }
        let meanwhile =
            column.defaultValue == nil
            ? "is empty" : "shows its default in every row until the next step"
        return Step(
            "add '\(operation.to)' beside '\(operation.from)'",
            "The column \(meanwhile), so only the schema changes, whatever the number of rows. In the same transaction "
                + "the helper's stage becomes 'both': from here every write goes to both columns, and "
                + "'\(operation.from)' is the truth.",
            statements(["\(alter) ADD COLUMN \(definition)"], flip: flip(.both, generation: generation)),
            lock: .reserved(),
            undo: [
                Step(
                    "drop '\(operation.to)' again",
                    "'\(operation.from)' is the truth and has every value. SQLite writes every row anew for this, "
                        + "and writers wait as long as that takes. The helper's stage becomes 'old' in the same transaction.",
                    statements(["\(alter) DROP COLUMN \(quotedNew)"], flip: flip(.old)),
                    lock: .reserved("while the rows are written anew"), scans: true, rewrites: true,
                    settlesFirst: true)
            ])
    }

    func addTransition(to draft: inout OperationDraft) {
        draft.add(
            .transition, "verify-both",
            verify(
                "count the rows in which the two columns differ, before '\(operation.to)' becomes the truth",
                "Both directions in one snapshot.", [newIsOld, oldIsNew], settles: true))
        draft.add(
            .transition, "flip-both-read-new",
            Step(
                "make '\(operation.to)' the truth; both are still written",
                "The helper reads '\(operation.to)' from here.", words.flip(.bothReadNew),
                undo: [
                    reverseBackfill,
                    verify(
                        "count the rows in which the two columns differ, before '\(operation.from)' is the truth again",
                        "Both directions in one snapshot.", [newIsOld, oldIsNew], settles: true),
                    Step(
                        "make '\(operation.from)' the truth again; both are still written",
                        "The helper reads '\(operation.from)' from here.", words.flip(.both)),
                ]))
        draft.add(.transition, "release-read-new", rank: .readNewGate, words.readNewRelease)
        draft.add(
            .transition, "verify-old", rank: .handOver,
            verify(
                "count the rows in which '\(operation.from)' does not follow '\(operation.to)'",
                "Until here '\(operation.from)' can be read again without loss.", [oldIsNew], settles: true))
        draft.add(.transition, "flip-new", rank: .handOver, handOver)
        draft.add(.transition, "release-new", rank: .newGate, words.newRelease)
    }

    /// Unique indexes of the old column go: it is not filled any more, and its values need not be unique then.
    private var handOver: Step {
        let unique = indexes.filter(\.isUnique)
        let names = unique.map { "'\($0.name)'" }.joined(separator: ", ")
        let title = "write only '\(operation.to)'"
        let flipBack = Step(
            "write both columns again; '\(operation.to)' is the truth",
            "The helper fills '\(operation.from)' from here.", words.flip(.bothReadNew), settlesFirst: true)
        let restored = unique.map { index in
            Step(
                "build '\(index.name)' on '\(operation.from)' again",
                "Writers wait as long as it takes, readers do not.",
                statements([drop(index.name), create(index, named: index.name)]),
                lock: .reserved("while the index is built"), scans: true)
        }
        return Step(
            unique.isEmpty ? title : "drop the unique index \(names) of '\(operation.from)'; \(title)",
            "The helper leaves '\(operation.from)' alone from here"
                + (unique.isEmpty ? "." : ", so its values need not be unique any more."),
            unique.isEmpty
                ? words.flip(.new) : statements(unique.map { drop($0.name) }, flip: flip(.new)),
            lock: unique.isEmpty ? nil : .reserved(),
            undo: [flipBack, reverseBackfill] + restored)
    }

    func addContract(to draft: inout OperationDraft) {
        let quotedRetired = dialect.quote(retired)
        draft.add(
            .contract, "retire",
            Step(
                "retire '\(operation.from)' under a hidden name",
                "Whoever still uses '\(operation.from)' gets an error from here, while its values still exist.",
                statements(["\(alter) RENAME COLUMN \(quotedOld) TO \(quotedRetired)"]),
                lock: .reserved(), settlesFirst: true,
                undo: [
                    Step(
                        "give '\(operation.from)' its name back",
                        "Its values are those of the moment when it was left alone; the steps that follow refill it.",
                        statements(["\(alter) RENAME COLUMN \(quotedRetired) TO \(quotedOld)"]),
                        lock: .reserved(), settlesFirst: true)
                ]))
        draft.add(.contract, "soak", rank: .soak, words.soak)
        let left = indexes.filter { !$0.isUnique }.map { drop($0.name) }
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was '\(operation.from)'",
                "SQLite writes every row anew for this, and writers wait as long as that takes. "
                    + "The stage becomes 'done' and is kept for ever.",
                statements(left + ["\(alter) DROP COLUMN \(quotedRetired)"], flip: flip(.done)),
                lock: .reserved("while the rows are written anew"), scans: true, rewrites: true,
                isReversible: false))
        for (number, index) in indexes.enumerated() {
            draft.add(.contract, "index-\(number + 1)", rank: .drop, finalName(of: index))
        }
        draft.lossReason = words.loss
    }

    private func finalName(of index: Index) -> Step {
        Step(
            "give the index '\(index.name)' its name back",
            "SQLite renames no index: it is built anew under its own name, and '\(copyName(of: index))' goes in the same "
                + "transaction. Writers wait as long as that takes, readers do not.",
            statements([
                create(index, named: index.name, renaming: [operation.from: operation.to]),
                drop(copyName(of: index)),
            ]),
            lock: .reserved("while the index is built"), scans: true, isReversible: false)
    }
}
