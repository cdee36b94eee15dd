import DoubleWrite

/// `move_column`, in SQLite: one writer at a time, so that one transaction writes both tables.
extension SQLitePlanning {
    func plan(_ operation: MoveColumn, into draft: inout OperationDraft) {
        guard let moved = context.check(operation, into: &draft) else { return }
        refuse(moved, into: &draft)
        draft.warnings.append(
            "SQLite keeps to foreign keys only on connections that say so (PRAGMA foreign_keys = ON). On another one a row of "
                + "'\(moved.source.name)' can go while its row of '\(moved.target.name)' stays: the counts before each flip find "
                + "it, and the helper refuses to write a value that has no row to be in.")
        guard let key = moved.source.sqliteKey else { return }
        let sql = MoveColumnSQL(operation: operation, dialect: dialect, isExact: false)
        MoveColumnSteps(
            operation: operation, key: key, generation: context.generation(of: operation.changeID), sql: sql,
            parts: parts(of: moved)
        ).add(to: &draft)
    }

    private func refuse(_ moved: MovedColumn, into draft: inout OperationDraft) {
        for (table, path) in [(moved.source, "table"), (moved.target, "to_table")]
        where table.kind != .ordinary {
            draft.refuse(
                path, "'\(table.name)' is \(table.kind.words), and columns move only between ordinary tables")
        }
        if moved.source.sqliteKey == nil {
            draft.refuse(
                "table",
                "'\(moved.source.name)' has no primary key, and columns of its own hide the rows' addresses (rowid, _rowid_, oid)"
            )
        }
        if !moved.target.isWithoutRowID, ["rowid", "_rowid_", "oid"].contains(moved.operation.to.asciiFolded)
        {
            draft.refuse(
                "to",
                "'\(moved.operation.to)' is a name by which SQLite finds the rows of '\(moved.target.name)'; choose another"
            )
        }
        refuseDependents(
            of: moved.column.name, in: moved.source, advice: "leave the column where it is", into: &draft)
        let joined = moved.operation.join.map(\.target)
        for check in moved.target.checks where !check.columns.isSubset(of: joined) {
            draft.refuse(
                "to_table",
                "the CHECK\(check.name.map { " '\($0)'" } ?? "") of '\(moved.target.name)' may refuse a row with NULL in its other "
                    + "columns, and such rows are inserted where only '\(moved.source.name)' has one; take it off while the "
                    + "column moves (drop_constraint)")
        }
        for pair in moved.operation.join {
            guard let old = moved.source.column(pair.source), let new = moved.target.column(pair.target)
            else { continue }
            guard old.type.asciiFolded != new.type.asciiFolded || old.collation != new.collation else {
                continue
            }
            draft.refuse(
                "join.\(pair.source)",
                "'\(pair.source)' and '\(pair.target)' are declared differently (\(old.words), \(new.words)), and SQLite would "
                    + "call values of them equal that are not the same; declare them alike")
        }
    }

    private func parts(of moved: MovedColumn) -> MoveColumnSteps.Parts {
        let (column, source, target) = (moved.column, moved.source, moved.target)
        var definition = dialect.quote(moved.operation.to)
        if !column.type.isEmpty { definition += " \(column.type)" }
        if let collation = column.collation { definition += " COLLATE \(collation)" }
        let left = source.indexes.filter { $0.columns.contains(column.name) }
        return MoveColumnSteps.Parts(
            addColumn: ["ALTER TABLE \(dialect.quote(target.name)) ADD COLUMN \(definition)"],
            addLock: .reserved(), dropLock: { _ in .reserved("while the rows are written anew") },
            dropRewrites: true, beforeDrop: left.map { Index.sqliteDrop($0.name, on: source.name) },
            renameLock: .reserved(), batchLock: .reserved("a batch at a time"), countLock: nil,
            dropWords: "SQLite writes every row anew for this, and writers wait as long as that takes.")
    }
}

extension Column {
    /// The declared type with its collation.
    fileprivate var words: String {
        "'\(type)'" + (collation.map { " COLLATE \($0)" } ?? "")
    }
}
