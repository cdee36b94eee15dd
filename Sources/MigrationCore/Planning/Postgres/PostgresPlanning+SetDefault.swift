import DoubleWrite

/// `set_default`, in PostgreSQL: only the catalogue changes.
extension PostgresPlanning {
    func plan(_ operation: SetDefault, into draft: inout OperationDraft) {
        draft.touch(operation.table, [operation.column], dialect)
        context.checkText(operation.defaultValue, what: "the default", path: "default", into: &draft)
        guard let table = context.table(operation.table, into: &draft),
            let column = context.column(operation.column, of: table, path: "column", into: &draft),
            let text = operation.defaultValue[dialect]
        else { return }
        refuseDefault(of: column, in: table, into: &draft)
        if let probe = PostgresProbe(of: table, in: context.schema) {
            draft.probe(
                "default", "the default", probe.defaultValue(text, of: column.name),
                advice: "write an expression without columns that gives \(column.type)")
        }
        if let old = column.defaultValue {
            draft.warnings.append(
                "A row of '\(table.name)' that is inserted without '\(column.name)' has got \(old) until now, and gets "
                    + "\(text) from the expand on, whatever release inserts it.")
        }
        let value = PostgresDefault.isConstant(text) ? text : text.parenthesized
        draft.add(
            .expand, "set-default",
            Step(
                "set the default of '\(column.name)' of '\(table.name)'",
                "Only the catalogue changes: rows that are inserted without a value get it from now on, and no row that is "
                    + "there is written.",
                .statements(on: table.name, [setDefault(value, of: column.name, in: table.name)]),
                lock: .accessExclusive(table.name),
                undo: (column.defaultValue == nil ? [GivenValue(column, of: table).releaseBack] : []) + [
                    Step(
                        column.defaultValue == nil
                            ? "take the default from '\(column.name)' again"
                            : "give '\(column.name)' its default back", "Only the catalogue changes.",
                        .statements(
                            on: table.name,
                            [setDefault(column.defaultValue, of: column.name, in: table.name)]),
                        lock: .accessExclusive(table.name))
                ]))
    }

    /// The statement that gives a column a default, or takes it.
    func setDefault(_ value: String?, of column: String, in table: TableName) -> String {
        "ALTER TABLE \(dialect.quote(table)) ALTER COLUMN \(dialect.quote(column)) "
            + (value.map { "SET DEFAULT \($0)" } ?? "DROP DEFAULT")
    }

    /// Refuses columns whose values come from something else.
    func refuseDefault(of column: Column, in table: Table, into draft: inout OperationDraft) {
        if column.generated != nil {
            draft.refuse("column", "'\(column.name)' is a generated column, which has no default")
        }
        if column.identity != nil {
            draft.refuse("column", "'\(column.name)' is an identity column, which counts by itself")
        }
        refuse(kinds: [.foreign, .virtual], of: table, "whose rows are another server's", into: &draft)
    }
}
