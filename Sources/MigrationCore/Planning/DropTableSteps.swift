import DoubleWrite

/// The steps of `drop_table` that are the same in every dialect but for their locks and for what hangs on the table.
struct DropTableSteps {
    let table: TableName
    let dialect: Dialect
    /// The lock that a rename takes.
    let lock: Lock
    /// The lock that the drop takes.
    let dropLock: Lock
    /// What goes with the table, in words: `the sequence 'animals_id_seq'`.
    let goesAlong: [String]
    /// What else the transaction that retires the table does, behind the rename.
    var alsoRetires: [String] = []
    /// Why, in a sentence.
    var reason = ""
    /// What is looked at before the table comes back.
    var beforeReturn: [Step] = []
    /// What else the transaction does that gives the table its name back, before the rename.
    var alsoReturns: [String] = []
    /// What follows it.
    var afterReturn: [Step] = []
    /// What runs before the drop, in its transaction.
    var beforeDrop: [String] = []

    /// The table under its hidden name.
    var retired: TableName { TableName(schema: table.schema, dialect.retiredName(of: table.name)) }

    func add(to draft: inout OperationDraft) {
        draft.add(
            .transition, "release", rank: .newGate,
            Step(
                "no application uses '\(table)' any more",
                "Release every application without '\(table)' in any of its statements. Attest each when its last "
                    + "instance of the release before is gone.", .release(Release(needs: .new))))
        draft.add(.contract, "retire", retire)
        draft.add(
            .contract, "soak", rank: .soak,
            Step(
                "wait before '\(table)' is dropped",
                "Whoever still uses '\(table)' fails loudly now, while its rows still exist and the change can be undone.",
                .soak))
        let along = goesAlong.isEmpty ? "" : " With it goes: \(goesAlong.joined(separator: ", "))."
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was '\(table)'", "Its rows are gone with it, and only a backup has them." + along,
                .statements(on: retired, beforeDrop + ["DROP TABLE \(dialect.quote(retired))"]),
                lock: dropLock,
                isReversible: false))
        draft.lossReason = "the rows of '\(table)' are dropped"
    }

    private var retire: Step {
        Step(
            "retire '\(table)' under a hidden name",
            "Whoever still uses '\(table)' gets an error from here, while its rows still exist."
                + (reason.isEmpty ? "" : " " + reason),
            .statements(on: table, [rename(table, retired.name)] + alsoRetires), lock: lock,
            settlesFirst: true,
            undo: beforeReturn + [
                Step(
                    "give '\(table)' its name back", "With everything that was on it.",
                    .statements(on: table, alsoReturns + [rename(retired, table.name)]), lock: lock)
            ] + afterReturn)
    }

    private func rename(_ table: TableName, _ name: String) -> String {
        "ALTER TABLE \(dialect.quote(table)) RENAME TO \(dialect.quote(name))"
    }
}

extension PlanningContext {
    /// What no dialect can drop. Returns the table.
    func check(_ operation: DropTable, into draft: inout OperationDraft) -> Table? {
        draft.touch(operation.table, [], dialect)
        guard let table = table(operation.table, into: &draft) else { return nil }
        let retired = TableName(schema: table.name.schema, dialect.retiredName(of: table.name.name))
        draft.touch(retired, [], dialect)
        if schema[retired] != nil {
            draft.refuse(
                "table",
                "there still is a table '\(retired)', which an earlier migration retired; finish that one first "
                    + "(apply --through contract), or drop the table")
        }
        for other in schema.tables where dialect.normalized(other.name) != dialect.normalized(table.name) {
            for key in other.foreignKeys
            where dialect.sameTable(key.target.table, table.name) {
                let name = key.name.map { " '\($0)'" } ?? " over \(key.columns.words)"
                draft.refuse(
                    "table",
                    "the foreign key\(name) of '\(other.name)' points at '\(table.name)'; drop it in an earlier migration"
                )
            }
        }
        return table
    }
}

extension Dialect {
    /// Whether two names of tables, quoted, name the same one.
    func sameTable(_ left: TableName, _ right: TableName) -> Bool {
        let (left, right) = (normalized(left), normalized(right))
        return left.schema == right.schema && sameName(left.name, right.name)
    }
}
