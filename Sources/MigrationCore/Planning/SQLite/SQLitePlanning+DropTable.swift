import DoubleWrite

/// `drop_table`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropTable, into draft: inout OperationDraft) {
        guard let table = context.check(operation, into: &draft) else { return }
        if table.kind != .ordinary {
            draft.refuse(
                "table", "'\(table.name)' is \(table.kind.words); drop it by statements of your own (sql)")
        }
        for dependent in table.dependents where dependent.kind == .view {
            draft.refuse(
                "table",
                "the view '\(dependent.name)' uses '\(table.name)'; drop it first, or change it so that it does without"
            )
        }
        warnOfTriggers(of: table, into: &draft)
        var steps = DropTableSteps(
            table: table.name, dialect: dialect, lock: .reserved(), dropLock: .reserved(),
            goesAlong: table.indexes.map { "the index '\($0.name)'" })
        refuseSelf(table, into: &draft)
        let releases = SQLiteReleases(of: table, retired: steps.retired, in: context.schema)
        steps.alsoRetires = releases.create
        steps.alsoReturns = releases.drop
        steps.beforeDrop = releases.drop
        if !releases.create.isEmpty {
            steps.reason =
                "SQLite cannot take its foreign keys from it, and they would keep rows of other tables from being deleted: "
                + "so a trigger on each of those takes its key from the rows that still point there (or the rows, where the "
                + "key may not be NULL), or follows a new one. A rollback does not bring that back."
        }
        steps.add(to: &draft)
    }

    /// Rows that must point at others of the same table could go only with those that point at them.
    private func refuseSelf(_ table: Table, into draft: inout OperationDraft) {
        let keys = SQLiteReleases(of: table, retired: table.name, in: context.schema)
        guard keys.takesRows else { return }
        for key in table.foreignKeys
        where dialect.sameTable(key.target.table, table.name) && !key.target.onDelete.writes {
            guard key.columns.compactMap(table.column).allSatisfy({ !$0.isNullable }) else { continue }
            draft.refuse(
                "table",
                "\(key.columns.words) of '\(table.name)' must point at a row of the same table, and what else it points at "
                    + "could not be deleted while it is retired; let \(key.columns.words) hold NULL first (drop_not_null)"
            )
        }
    }

    /// SQLite's catalogue tells a trigger's text and not what it writes.
    private func warnOfTriggers(of table: Table, into draft: inout OperationDraft) {
        for dependent in table.dependents where dependent.kind == .trigger {
            draft.warnings.append(
                "The trigger '\(dependent.name)' mentions '\(table.name)'. If it is not the table's own, drop it first: it "
                    + "follows the table under its hidden name, and fails when that is dropped.")
        }
    }
}
