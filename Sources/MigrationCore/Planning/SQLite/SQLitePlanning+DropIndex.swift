import DoubleWrite

/// `drop_index`, in SQLite.
extension SQLitePlanning {
    func plan(_ operation: DropIndex, into draft: inout OperationDraft) {
        guard let table = context.table(operation.table, into: &draft),
            let index = context.index(operation.name, of: table, into: &draft)
        else {
            draft.touches.append(TouchedColumn(table: dialect.normalized(operation.table), column: nil))
            return
        }
        draft.touches += index.columns.sorted().map {
            TouchedColumn(table: dialect.normalized(operation.table), column: $0)
        }
        context.refuseServed(index, of: table, path: "name", into: &draft)
        let relief = index.isUnique ? UniqueIndexRelief(index, of: table, dialect).relief : nil
        relief?.addBeforeContract(to: &draft)
        draft.add(
            .contract, "drop-index",
            Step(
                "drop the index '\(operation.name)' of '\(table.name)'", "",
                .statements(on: table.name, [Index.sqliteDrop(index.name, on: table.name)]),
                lock: .reserved(), settlesFirst: relief != nil,
                undo: (relief?.undo ?? []) + [
                    Step(
                        "build the index '\(operation.name)' again",
                        "Writers wait as long as it takes, readers do not.",
                        .statements(
                            on: table.name,
                            [
                                Index.sqliteDrop(index.name, on: table.name),
                                index.sqliteStatement(named: index.name, on: table.name),
                            ]),
                        lock: .reserved("while the index is built"), scans: true)
                ]))
    }
}
