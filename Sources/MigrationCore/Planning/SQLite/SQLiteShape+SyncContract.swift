import DoubleWrite

extension SQLiteShape {
    func addSyncContract(to draft: inout OperationDraft) {
        draft.add(
            .contract, "verify",
            agreement(last, "count the rows in which \(words.theTwo) differ, before \(words.old) is left"))
        draft.add(.contract, "retire", syncRetire)
        draft.add(.contract, "soak", rank: .soak, words.soak)
        let left = indexes.filter { !$0.isUnique }.map { drop($0.name) }
        let drops = change.oldNames.map {
            "\(alter) DROP COLUMN \(dialect.quote(dialect.retiredName(of: $0)))"
        }
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was \(words.old)",
                "SQLite writes every row anew for this, and writers wait as long as that takes.",
                statements(left + drops), lock: .reserved("while the rows are written anew"), scans: true,
                rewrites: true, isReversible: false))
        for (number, index) in copied.enumerated() {
            draft.add(.contract, "index-\(number + 1)", rank: .drop, finalName(of: index))
        }
        draft.lossReason = words.loss
    }

    private var syncRetire: Step {
        let hidden = change.oldNames.map { rename($0, to: dialect.retiredName(of: $0)) }
        return Step(
            change.keepsName
                ? "keep \(words.old) in step no longer"
                : "retire \(words.old) under a hidden name, and keep it in step no longer",
            "The triggers go, and with them the unique indexes of \(words.old): nobody fills it any more."
                + (change.keepsName
                    ? " Values that only the new type can hold may be written from here."
                    : " Whoever still uses it gets an error from here, while its values still exist."),
            statements(
                last.removal + uniques.map { drop($0.name) } + (change.keepsName ? [] : hidden)),
            lock: .reserved(), settlesFirst: true, undo: syncAgain)
    }

    private var uniques: [Index] { indexes.filter(\.isUnique) }

    /// First the triggers, so that no write is missed, then the rows, then what holds the old columns to their values.
    private var syncAgain: [Step] {
        let names = change.oldNames.map { rename(dialect.retiredName(of: $0), to: $0) }
        let renaming = Dictionary(
            uniqueKeysWithValues: change.olds.map {
                ($0.column.name, last.sync.physicalName(of: $0.column))
            })
        let restored = uniques.map { index in
            Step(
                "build '\(index.name)' on \(words.old) again",
                "Writers wait as long as it takes, readers do not.",
                statements([create(index, named: index.name, renaming: renaming)]),
                lock: .reserved("while the index is built"), scans: true)
        }
        return [
            Step(
                change.keepsName
                    ? "keep \(words.old) in step again"
                    : "give \(words.old) its name back, and keep it in step again",
                "From this transaction on every write fills \(words.old) as well; what counts is \(words.new). The rows written "
                    + "meanwhile are filled in the next step.",
                statements((change.keepsName ? [] : names) + last.creation), lock: .reserved()),
            fill(
                last, .old, "copy \(words.new) back to \(words.old)",
                "Whatever was written to \(words.new) alone comes back to \(words.old)."),
            agreement(last, "count the rows in which \(words.theTwo) differ"),
        ] + restored
    }
}

// MARK: - Pieces

extension SQLiteShape {
    func fill(
        _ sync: SQLiteSyncTrigger, _ side: SyncTrigger.Side, _ title: String, _ explanation: String
    ) -> Step {
        backfill(title, explanation, sync.assignments(side), sync.straysAtRest(side))
    }

    func agreement(_ sync: SQLiteSyncTrigger, _ title: String) -> Step {
        Step(
            title,
            change.isLossyDown
                ? "Any row stops the migration here. What is forgotten on the way is not counted (lossy_down)."
                : "Both directions are counted in one statement, so in one snapshot; any row stops the migration here.",
            .verify(
                Verification(
                    table: table.name, invariants: sync.sync.agreement(sync.straysAtRest),
                    sampleColumns: (change.key + sync.sync.physicalNames).uniqued)),
            scans: true)
    }
}

extension SQLitePlanning {
    /// Refuses what triggers that fire behind a statement cannot keep in step.
    func refuseSync(_ change: ShapeChange, into draft: inout OperationDraft) {
        let table = change.table
        let addresses = ["rowid", "_rowid_", "oid"]
        let isAddressed =
            table.isWithoutRowID || change.key.allSatisfy { addresses.contains($0) }
            || change.key.count == 1 && table.column(change.key[0])?.type.asciiFolded == "integer"
        if !isAddressed {
            draft.refuse(
                "sync",
                "columns of '\(table.name)' hide the rows' addresses (rowid, _rowid_, oid), and its primary key may be NULL, so "
                    + "that a trigger cannot find the row that was written; use sync: double_write")
        }
        for column in change.olds.map(\.column) where SyncTrigger.Usual(of: column, dialect) == .varying {
            guard change.news.contains(where: { $0.column.defaultValue != nil }) else { continue }
            draft.refuse(
                "sync",
                "the default of '\(column.name)' is another value each time, and that of \(change.words.new) is not: nobody could "
                    + "tell what an INSERT leaves out; use sync: double_write")
        }
        refuseUnique(change, into: &draft)
    }

    /// A row of one shape has the other one's default until the trigger has filled it.
    private func refuseUnique(_ change: ShapeChange, into draft: inout OperationDraft) {
        func hasDefault(_ column: Column) -> Bool { SyncTrigger.Usual(of: column, dialect) != .null }
        let key = Set(change.table.primaryKey)
        // Where the key is part of an index, no two rows are alike in any case.
        let unique = change.table.indexes.filter {
            $0.isUnique && (key.isEmpty || !key.isSubset(of: $0.columns))
        }
        let inherits = change.inherits != .grants
        for column in change.olds.map(\.column) + (inherits ? change.news.map(\.column) : [])
        where hasDefault(column) {
            let names = Set(change.oldNames)
            for index in unique where !index.columns.isDisjoint(with: inherits ? names : [column.name]) {
                refuseUnique(column, "the unique index '\(index.name)'", into: &draft)
            }
        }
        for new in change.news where new.isUnique && hasDefault(new.column) {
            refuseUnique(new.column, "its UNIQUE", into: &draft)
        }
    }

    private func refuseUnique(_ column: Column, _ index: String, into draft: inout OperationDraft) {
        draft.refuse(
            "sync",
            "'\(column.name)' has a default, which a row has until the trigger behind the statement has filled it, and "
                + "\(index) would refuse the second such row; drop the index or the default first, or use sync: double_write"
        )
    }
}
