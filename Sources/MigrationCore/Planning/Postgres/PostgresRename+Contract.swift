import DoubleWrite

extension PostgresRename {
    func addContract(to draft: inout OperationDraft) {
        let quotedRetired = dialect.quote(retired)
        draft.add(
            .contract, "retire",
            Step(
                "retire '\(operation.from)' under a hidden name",
                "Whoever still uses '\(operation.from)' gets an error from here, while its values still exist.",
                statements(["\(alter) RENAME COLUMN \(quotedOld) TO \(quotedRetired)"]),
                lock: .accessExclusive(table.name), settlesFirst: true,
                undo: [
                    Step(
                        "give '\(operation.from)' its name back",
                        "Its values are those of the moment when it was left alone; the steps that follow refill it.",
                        statements(["\(alter) RENAME COLUMN \(quotedRetired) TO \(quotedOld)"]),
                        lock: .accessExclusive(table.name), settlesFirst: true)
                ]))
        draft.add(.contract, "soak", rank: .soak, words.soak)
        draft.add(
            .contract, "drop", rank: .drop,
            Step(
                "drop what was '\(operation.from)'",
                "Only the catalogue changes; the space of the values comes back as rows are written. "
                    + "The stage becomes 'done' and is kept for ever.",
                statements(["\(alter) DROP COLUMN \(quotedRetired)"] + finalNames, flip: flip(.done)),
                lock: .accessExclusive(table.name), isReversible: false))
        draft.lossReason = words.loss
    }

    /// The copies get the names of what went with the old column.
    private var finalNames: [String] {
        let indexes = old.indexes.map { index in
            let copy = TableName(schema: table.name.schema, carrying.name(index.name))
            return "ALTER INDEX \(dialect.quote(copy)) RENAME TO \(dialect.quote(index.name))"
        }
        let names = old.uniques.map(\.name) + old.checks.map(\.name) + old.foreignKeys.map(\.name)
        let constraints = names.compactMap { $0 }.map { name in
            "\(alter) RENAME CONSTRAINT \(carrying.quotedName(name)) TO \(dialect.quote(name))"
        }
        return indexes + constraints
    }
}
