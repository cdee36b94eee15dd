import DoubleWrite

/// `drop_constraint`, in SQLite: a CHECK, foreign key or NOT NULL goes with the stored text; a UNIQUE or PRIMARY KEY has an index
/// of its own, and the table is rebuilt without it.
extension SQLitePlanning {
    func plan(_ operation: DropConstraint, into draft: inout OperationDraft) {
        guard let table = context.table(operation.table, into: &draft) else {
            return touchAll(of: operation.table, into: &draft)
        }
        guard let definition = definition(of: table, into: &draft) else {
            return touchAll(of: operation.table, into: &draft)
        }
        if definition.named(operation.name).isEmpty,
            let unique = SQLiteUniqueIndex(operation.name, of: table)
        {
            touch(unique.columns, of: operation.table, into: &draft)
            return unique.addDrop(to: &draft, context)
        }
        guard
            let (clause, column) = constraint(
                operation.name, in: definition, of: table, path: "name", into: &draft)
        else {
            touchAll(of: operation.table, into: &draft)
            return
        }
        warnOfText(of: table, into: &draft)
        let removal = [TableEdit.remove(clause, column: column)]
        switch clause.content {
        case .check(let condition):
            let mentioned = table.columns.map(\.name).filter(condition.mentions)
            touch(mentioned, of: operation.table, into: &draft)
            drop(
                operation.name, removal, of: table, definition, [.check(operation.name, condition)],
                over: mentioned, to: &draft)
        case .foreignKey(let reference):
            let columns = column.map { [$0] } ?? reference.columns
            touch(columns, of: operation.table, into: &draft)
            dropForeignKey(operation.name, reference, columns, removal, of: table, definition, to: &draft)
        case .notNull:
            draft.refuse(
                "name",
                "'\(operation.name)' is the NOT NULL of '\(column ?? "")'; write drop_not_null for that")
        case .unique(let key):
            touchAll(of: operation.table, into: &draft)
            dropUnique(operation.name, key, column, removal, of: table, definition, to: &draft)
        case .primaryKey(let key):
            touchAll(of: operation.table, into: &draft)
            dropPrimaryKey(operation.name, key, column, removal, of: table, definition, to: &draft)
        case .null, .defaultValue, .collation, .generated:
            draft.refuse(
                "name",
                "'\(operation.name)' names no constraint, but the \(clause.content.sql) of '\(column ?? "")'")
        }
    }

    /// The one constraint of that name, or a noted problem.
    func constraint(
        _ name: String, in definition: SQLiteDefinition, of table: Table, path: String,
        into draft: inout OperationDraft
    ) -> (clause: SQLiteDefinition.Clause, column: String?)? {
        let found = definition.named(name)
        if found.count == 1 { return found[0] }
        if found.count > 1 {
            draft.refuse(
                path,
                "'\(table.name)' has \(found.count) constraints '\(name)', and none can be told by its name")
        } else if table.indexes.contains(where: { dialect.sameName($0.name, name) }) {
            draft.refuse(
                path,
                "'\(name)' is an index of '\(table.name)' and no constraint; drop_index drops it, and replace_index makes "
                    + "it another")
        } else if table.lostText != nil {
            refuseLostText(of: table, path: path, into: &draft)
        } else {
            let names = definition.clauses.compactMap(\.clause.name)
            let hint =
                names.isEmpty ? "; none of its constraints has a name" : NearestName.hint(name, among: names)
            draft.refuse(path, "constraint '\(name)' of '\(table.name)' does not exist\(hint)")
        }
        return nil
    }

    private func drop(
        _ name: String, _ edits: [TableEdit], of table: Table, _ definition: SQLiteDefinition,
        _ invariants: [Verification.Invariant], over columns: [String], to draft: inout OperationDraft
    ) {
        let demand = NewDemand.returning(name, invariants, over: columns, of: table, dialect)
        let relief = Relief.constraint(name, isIndex: false, of: table, until: demand)
        relief.addFirst(to: &draft)
        var step = edit("drop '\(name)'", "", edits, of: table, definition)
        step.settlesFirst = true
        step.undo =
            relief.undo + [
                editBack(
                    "put '\(name)' back", "", edits, of: table, definition, verification: demand.verification)
            ]
        draft.add(.expand, "drop", step)
    }

    private func dropForeignKey(
        _ name: String, _ reference: SQLiteReference, _ columns: [String], _ edits: [TableEdit],
        of table: Table,
        _ definition: SQLiteDefinition, to draft: inout OperationDraft
    ) {
        let parent = context.schema.tables.first { dialect.sameName($0.name.name, reference.table) }
        let targets = reference.targets.isEmpty ? parent?.primaryKey ?? [] : reference.targets
        guard targets.count == columns.count, parent != nil else {
            draft.refuse(
                "name",
                "'\(name)' points at '\(reference.table)', which has no such key, so it could not be put back; write "
                    + "sql: ... with an undo of your own")
            return
        }
        drop(
            name, edits, of: table, definition,
            [.pointsAtRow(columns, of: table.name, at: TableName(reference.table), targets, dialect)],
            over: columns, to: &draft)
    }
}

// MARK: - Keys

extension SQLitePlanning {
    private func dropUnique(
        _ name: String, _ key: SQLiteKey, _ column: String?, _ edits: [TableEdit], of table: Table,
        _ definition: SQLiteDefinition, to draft: inout OperationDraft
    ) {
        let columns = column.map { [$0] } ?? key.parts.map(\.column)
        Relief.constraint(name, isIndex: true, of: table, until: .unique(columns, of: table, dialect))
            .addFirst(to: &draft)
        dropUnique(
            "take the UNIQUE '\(name)' from it", [columns], edits, of: table, definition, path: "name",
            to: &draft)
    }

    /// Rebuilds the table without what is unique over these groups of columns.
    func dropUnique(
        _ why: String, _ groups: [[String]], _ edits: [TableEdit], of table: Table,
        _ definition: SQLiteDefinition,
        path: String, to draft: inout OperationDraft
    ) {
        let hasOwnCollation = edits.contains { edit in
            guard case .remove(let clause, _) = edit else { return false }
            return clause.content.key?.parts.contains { $0.collation != nil } ?? false
        }
        guard !hasOwnCollation else {
            draft.refuse(
                path,
                "the UNIQUE of '\(table.name)' compares by a collation that is not the column's, and an undo could not tell what "
                    + "it would refuse; rebuild the table by hand (sql: ...)")
            return
        }
        guard let after = definition.edited(edits),
            !refuseReferences(to: groups.flatMap { $0 }, of: table, path: path, into: &draft)
        else { return }
        guard let rowKey = after.rowKey else {
            draft.refuse(
                path,
                "'\(table.name)' would have no key that is never NULL, by which its rows could be copied while they are written; "
                    + "add_primary_key first")
            return
        }
        let indexes = groups.enumerated().map { guardIndex($1, on: table, $0 + 1) }
        // A write finds by it what it has replaced, without reading the whole shadow.
        let plain = groups.enumerated().map { guardIndex($1, on: table, $0 + 1, isUnique: false) }
        let preparation = zip(groups, indexes).flatMap { columns, index in
            NewDemand.unique(columns, of: table, dialect).beforeReturn + [buildGuard(index, table)]
        }
        rebuild(
            table, from: definition, to: after, key: rowKey, shadowOnly: plain, backOnly: indexes, why,
            undo: preparation,
            to: &draft)
        for (number, index) in plain.enumerated() {
            draft.add(.expand, "drop-guard-\(number + 1)", dropGuard(index, table))
        }
    }

    private func dropPrimaryKey(
        _ name: String, _ key: SQLiteKey, _ column: String?, _ edits: [TableEdit], of table: Table,
        _ definition: SQLiteDefinition,
        to draft: inout OperationDraft
    ) {
        let columns = column.map { [$0] } ?? key.parts.map(\.column)
        if definition.isWithoutRowID {
            draft.refuse("name", "'\(table.name)' is WITHOUT ROWID, which needs a primary key")
            return
        }
        if key.isAutoincrement {
            draft.refuse(
                "name", "'\(table.name)' counts its keys (AUTOINCREMENT), which only a primary key can do")
            return
        }
        guard !refuseReferences(to: columns, of: table, path: "name", into: &draft),
            definition.rowKey == columns,
            var after = definition.edited(edits)
        else {
            draft.refuse(
                "name",
                "the primary key of '\(table.name)' may be NULL, so its rows cannot be copied by it; set_not_null first"
            )
            return
        }
        // A rowid under a name of its own is never NULL; a plain column says so.
        for name in columns where after.column(name)?.isNotNull == false {
            after = after.edited([.add(.init(.notNull(conflict: nil)), column: name)]) ?? after
        }
        let relief = Relief.constraint(
            name, isIndex: true, of: table, until: .key(columns, of: table, dialect))
        relief.addFirst(to: &draft)
        let index = guardIndex(columns, on: table)
        rebuild(
            table, from: definition, to: after, key: columns, shadowOnly: [index], backOnly: [index],
            "take the primary key from it",
            undo: relief.undo + [buildGuard(index, table)],
            to: &draft)
        draft.add(.expand, "drop-guard", dropGuard(index, table))
    }

    /// Whether a foreign key needs what is unique over these columns.
    private func refuseReferences(
        to columns: [String], of table: Table, path: String, into draft: inout OperationDraft
    ) -> Bool {
        let count = draft.problems.count
        for column in columns {
            context.refuseReferences(
                to: column, of: table, path: path, advice: "drop the foreign key first", into: &draft)
        }
        return draft.problems.count > count
    }
}
