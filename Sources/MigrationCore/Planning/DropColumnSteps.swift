import DoubleWrite

/// The steps of `drop_column` that are the same in every dialect but for their locks.
struct DropColumnSteps {
    let table: TableName
    let column: String
    let dialect: Dialect
    let lock: Lock
    /// What goes with the column, in words: `the index 'animals_kind_idx'`.
    let goesAlong: [String]

    private var alter: String { "ALTER TABLE \(dialect.quote(table))" }
    private var retired: String { dialect.retiredName(of: column) }

    /// The gate behind which nobody uses the column. On the way back it is one as well where the expand took something
    /// from the column: what comes back would refuse the rows of a release that leaves it out.
    func addRelease(returns: Bool, to draft: inout OperationDraft) {
        let again = Step.releaseBack(
            "every application writes '\(column)' again",
            "What is put back next would refuse rows without a value.")
        draft.add(
            .transition, "release-new", rank: .newGate,
            Step(
                "no application reads or writes '\(column)' any more",
                "Release every application without '\(column)' of '\(table)' in any of its statements, also not by "
                    + "SELECT *. Attest each when its last instance of the release before is gone.",
                .release(Release(needs: .new)), undo: returns ? [again] : []))
    }

    func addContract(drop: [String], dropLock: Lock, rewrites: Bool, to draft: inout OperationDraft) {
        draft.add(
            .contract, "retire",
            Step(
                "retire '\(column)' under a hidden name",
                "Whoever still uses '\(column)' gets an error from here, while its values still exist."
                    + (goesAlong.isEmpty ? "" : " What is on it stays with it until the drop."),
                .statements(
                    on: table,
                    ["\(alter) RENAME COLUMN \(dialect.quote(column)) TO \(dialect.quote(retired))"]),
                lock: lock, settlesFirst: true,
                undo: [
                    Step(
                        "give '\(column)' its name back", "With everything that was on it.",
                        .statements(
                            on: table,
                            ["\(alter) RENAME COLUMN \(dialect.quote(retired)) TO \(dialect.quote(column))"]),
                        lock: lock)
                ]))
        draft.add(
            .contract, "soak", rank: .soak,
            Step(
                "wait before '\(column)' is dropped",
                "Whoever still uses '\(column)' fails loudly now, while its values still exist and the change can be undone.",
                .soak))
        let along = goesAlong.isEmpty ? "" : " With it goes: \(goesAlong.joined(separator: ", "))."
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was '\(column)'",
                (rewrites
                    ? "SQLite writes every row anew for this, and writers wait as long as that takes."
                    : "Only the catalogue changes; the space of the values comes back as rows are written.")
                    + along,
                .statements(on: table, drop + ["\(alter) DROP COLUMN \(dialect.quote(retired))"]),
                lock: dropLock, scans: rewrites, rewrites: rewrites, isReversible: false))
        draft.lossReason = "the values of '\(column)' are dropped"
    }
}

extension PlanningContext {
    /// What no dialect can drop. Returns the table and the column.
    func check(_ operation: DropColumn, into draft: inout OperationDraft) -> (table: Table, column: Column)? {
        let beside = schema[operation.table]?.columnsBeside(operation.column) ?? []
        draft.touches += ([operation.column] + beside.sorted()).map {
            TouchedColumn(table: dialect.normalized(operation.table), column: $0)
        }
        guard let table = table(operation.table, into: &draft),
            let column = column(operation.column, of: table, path: "column", into: &draft)
        else { return nil }
        if table.primaryKey.contains(column.name) {
            draft.refuse("column", "'\(column.name)' is in the primary key of '\(table.name)'")
        }
        if table.columns.count == 1 {
            draft.refuse("column", "'\(column.name)' is the only column of '\(table.name)'")
        }
        checkRetiredName(of: column.name, in: table, path: "column", into: &draft)
        refuseReferences(
            to: column.name, of: table, path: "column", advice: "drop the foreign key first", into: &draft)
        return (table, column)
    }
}
