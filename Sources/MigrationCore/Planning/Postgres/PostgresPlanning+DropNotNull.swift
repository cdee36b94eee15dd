import DoubleWrite

/// `drop_not_null`, in PostgreSQL: only the catalogue changes, but releases must bear what they then read.
extension PostgresPlanning {
    func plan(_ operation: DropNotNull, into draft: inout OperationDraft) {
        draft.touch(operation.table, [operation.column], dialect)
        guard let table = context.table(operation.table, into: &draft),
            let column = context.column(operation.column, of: table, path: "column", into: &draft)
        else { return }
        refuse(column, in: table, into: &draft)
        let relief = Relief.null(in: column.name, of: table, dialect)
        relief.addFirst(to: &draft)
        let alter = "ALTER TABLE \(dialect.quote(table.name)) ALTER COLUMN \(dialect.quote(column.name))"
        draft.add(
            .expand, "drop-not-null",
            Step(
                "let '\(column.name)' of '\(table.name)' hold NULL",
                "Only the catalogue changes. The release that writes NULL goes out after this phase.",
                .statements(on: table.name, ["\(alter) DROP NOT NULL"]), lock: .accessExclusive(table.name),
                settlesFirst: true,
                undo: relief.undo
                    + PostgresNotNull(table: table.name, column: column.name, name: column.notNullName).steps
                    .map(\.step))
        )
    }

    private func refuse(_ column: Column, in table: Table, into draft: inout OperationDraft) {
        if column.isNullable {
            draft.refuse("column", "'\(column.name)' of '\(table.name)' may hold NULL already")
        }
        if table.primaryKey.contains(column.name) {
            draft.refuse(
                "column", "'\(column.name)' is in the primary key of '\(table.name)', which holds no NULL")
        }
        if column.identity != nil {
            draft.refuse("column", "'\(column.name)' is an identity column, which holds no NULL")
        }
        for dependent in table.dependents
        where dependent.kind == .replicaIdentity && dependent.columns.contains(column.name) {
            draft.refuse(
                "column",
                "'\(column.name)' is in the replica identity '\(dependent.name)', which holds no NULL; choose another one "
                    + "first (set_replica_identity)")
        }
        refuse(
            kinds: [.partition, .foreign, .virtual], of: table, "whose columns are not its own", into: &draft)
    }
}
