import DoubleWrite

/// `rename_constraint`, in PostgreSQL: only the catalogue changes.
extension PostgresPlanning {
    func plan(_ operation: RenameConstraint, into draft: inout OperationDraft) {
        guard let table = context.table(operation.table, into: &draft),
            let constraint = constraint(operation.from, of: table, path: "from", into: &draft)
        else {
            draft.touch(operation.table, [], dialect)
            return
        }
        draft.touch(operation.table, constraint.columns, dialect)
        context.checkFreeConstraint(operation.to, in: table, path: "to", into: &draft)
        if constraint.hasIndex {
            context.checkFreeObject(
                TableName(schema: table.name.schema, operation.to), path: "to", into: &draft)
        }
        refuse(
            kinds: [.partition], of: table, "whose constraints are those of the table it is a part of",
            into: &draft)
        if constraint.hasIndex {
            draft.add(.doubleWrite, "release", RenamedConstraint.release(operation.from))
        } else {
            draft.warnings.append(RenamedConstraint.warning(operation.to))
        }
        func rename(_ from: String, _ to: String) -> [String] {
            [
                "ALTER TABLE \(dialect.quote(table.name)) RENAME CONSTRAINT \(dialect.quote(from)) TO "
                    + dialect.quote(to)
            ]
        }
        draft.add(
            .expand, "rename-constraint",
            Step(
                "rename the \(constraint.words) '\(operation.from)' to '\(operation.to)'",
                "Only the catalogue changes."
                    + (constraint.hasIndex ? " Its index gets the name as well." : ""),
                .statements(on: table.name, rename(operation.from, operation.to)),
                lock: .accessExclusive(table.name),
                undo: (constraint.hasIndex ? [RenamedConstraint.releaseBack(operation.to)] : []) + [
                    Step(
                        "rename '\(operation.to)' to '\(operation.from)' again",
                        "Only the catalogue changes.",
                        .statements(on: table.name, rename(operation.to, operation.from)),
                        lock: .accessExclusive(table.name))
                ]))
    }
}
