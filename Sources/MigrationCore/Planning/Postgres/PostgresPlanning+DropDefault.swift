import DoubleWrite

/// `drop_default`, in PostgreSQL: only the catalogue changes, once no application relies on it.
extension PostgresPlanning {
    func plan(_ operation: DropDefault, into draft: inout OperationDraft) {
        draft.touch(operation.table, [operation.column], dialect)
        guard let table = context.table(operation.table, into: &draft),
            let column = context.column(operation.column, of: table, path: "column", into: &draft)
        else { return }
        refuseDefault(of: column, in: table, into: &draft)
        guard let old = column.defaultValue else {
            if column.generated == nil, column.identity == nil {
                draft.refuse("column", "'\(column.name)' of '\(table.name)' has no default")
            }
            return
        }
        draft.add(.transition, "release", rank: .newGate, GivenValue(column, of: table).release)
        draft.add(
            .contract, "drop-default",
            Step(
                "drop the default of '\(column.name)' of '\(table.name)'", "Only the catalogue changes.",
                .statements(on: table.name, [setDefault(nil, of: column.name, in: table.name)]),
                lock: .accessExclusive(table.name), settlesFirst: true,
                undo: [
                    Step(
                        "give '\(column.name)' its default back", "Only the catalogue changes.",
                        .statements(on: table.name, [setDefault(old, of: column.name, in: table.name)]),
                        lock: .accessExclusive(table.name))
                ]))
    }
}
