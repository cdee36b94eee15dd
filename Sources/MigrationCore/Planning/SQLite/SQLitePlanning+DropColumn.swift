import DoubleWrite

/// `drop_column`, in SQLite: what is said of the column goes first, then `ALTER TABLE` can drop it.
extension SQLitePlanning {
    func plan(_ operation: DropColumn, into draft: inout OperationDraft) {
        guard let (table, column) = context.check(operation, into: &draft),
            let definition = definition(of: table, into: &draft)
        else { return }
        refuseDependents(
            of: column.name, in: table, advice: "change it so that it does without", into: &draft)
        let indexes = table.indexes.filter { $0.columns.contains(column.name) }
        // Rows without a value get the default, or NULL: that may stand twice where other columns count as well, or
        // where it is not NULL.
        let early = indexes.filter { $0.isUnique && ($0.columns.count > 1 || column.defaultValue != nil) }
        if !early.isEmpty {
            draft.add(.expand, "relax", dropUnique(early, of: column, in: table))
        }
        let ties = Ties(to: column, in: table, definition, mentions: { $0.mentions(column.name) })
        relax(ties, column, table, definition, to: &draft)
        let late = indexes.filter { !early.contains($0) }
        let steps = DropColumnSteps(
            table: table.name, column: column.name, dialect: dialect, lock: .reserved(),
            goesAlong: late.map { "the index '\($0.name)'" })
        steps.addRelease(returns: !early.isEmpty || !ties.isEmpty, to: &draft)
        steps.addContract(
            drop: late.map { Index.sqliteDrop($0.name, on: table.name) },
            dropLock: .reserved("while the rows are written anew"), rewrites: true, to: &draft)
    }

    private func dropUnique(_ indexes: [Index], of column: Column, in table: Table) -> Step {
        Step(
            "drop what keeps '\(column.name)' unique",
            "The next release leaves '\(column.name)' out, and the value that a row gets without it may stand twice.",
            .statements(on: table.name, indexes.map { Index.sqliteDrop($0.name, on: table.name) }),
            lock: .reserved(), undo: indexes.map { build($0, in: table) })
    }

    private func build(_ index: Index, in table: Table) -> Step {
        Step(
            "build '\(index.name)' again", "Writers wait as long as it takes, readers do not.",
            .statements(
                on: table.name,
                [
                    Index.sqliteDrop(index.name, on: table.name),
                    index.sqliteStatement(named: index.name, on: table.name),
                ]), lock: .reserved("while the index is built"), scans: true)
    }
}

// MARK: - What is said of the column

/// What the table's definition says of a column and would stand in the way of leaving it out, and of dropping it.
private struct Ties {
    /// NOT NULL without a default, CHECKs, foreign keys: text, which is written anew.
    var texts: [(clause: SQLiteDefinition.Clause, column: String?)] = []
    /// UNIQUE constraints, which have an index.
    var uniques: [(clause: SQLiteDefinition.Clause, column: String?)] = []

    var isEmpty: Bool { texts.isEmpty && uniques.isEmpty }

    init(to column: Column, in table: Table, _ definition: SQLiteDefinition, mentions: (String) -> Bool) {
        let hasDefault = !(column.defaultValue.map(SQLiteLiteral.isNull) ?? true)
        let isOwn = { (name: String?) in name.map { Dialect.sqlite.sameName($0, column.name) } ?? false }
        for (clause, owner) in definition.clauses {
            switch clause.content {
            case .notNull where isOwn(owner) && !hasDefault: texts.append((clause, owner))
            case .check(let condition) where mentions(condition): texts.append((clause, owner))
            case .foreignKey(let reference) where isOwn(owner) || reference.columns.contains(where: isOwn):
                texts.append((clause, owner))
            case .unique(let key) where isOwn(owner) || key.parts.contains(where: { isOwn($0.column) }):
                uniques.append((clause, owner))
            case .notNull, .null, .primaryKey, .unique, .check, .defaultValue, .collation, .foreignKey,
                .generated:
                continue
            }
        }
    }
}

extension SQLitePlanning {
    private func relax(
        _ ties: Ties, _ column: Column, _ table: Table, _ definition: SQLiteDefinition,
        to draft: inout OperationDraft
    ) {
        let edits = ties.texts.map { TableEdit.remove($0.clause, column: $0.column) }
        guard let relaxed = definition.edited(edits) else { return }
        if !edits.isEmpty {
            warnOfText(of: table, into: &draft)
            let words = ties.texts.map { "\($0.clause.sql)" }.joined(separator: "; ")
            var step = edit(
                "take from '\(table.name)' what it says of '\(column.name)'",
                "The next release leaves '\(column.name)' out. It goes: \(words).", edits, of: table,
                definition)
            step.undo = [
                editBack(
                    "put back what '\(table.name)' said of '\(column.name)'", "", edits, of: table,
                    definition,
                    verification: holds(ties, column, table))
            ]
            draft.add(.expand, "untie", step)
        }
        guard !ties.uniques.isEmpty else { return }
        touchAll(of: table.name, into: &draft)
        dropUnique(
            "take what is unique of '\(column.name)' from it",
            ties.uniques.map { $0.clause.content.names($0.column) ?? [] },
            ties.uniques.map { TableEdit.remove($0.clause, column: $0.column) }, of: table, relaxed,
            path: "column",
            to: &draft)
    }

    /// Everything that must be true of the rows again before the clauses may be put back.
    private func holds(_ ties: Ties, _ column: Column, _ table: Table) -> Verification {
        var all = Verification(
            table: table.name, invariants: [], sampleColumns: table.sample([column.name], dialect))
        for (clause, owner) in ties.texts {
            switch clause.content {
            case .notNull: all.invariants.append(.notNull(column.name, dialect))
            case .check(let condition):
                all.invariants.append(.check(clause.name ?? clause.sql, condition))
            case .foreignKey(let reference):
                let parent = context.schema.tables.first { dialect.sameName($0.name.name, reference.table) }
                let targets = reference.targets.isEmpty ? parent?.primaryKey ?? [] : reference.targets
                let columns = owner.map { [$0] } ?? reference.columns
                guard targets.count == columns.count else { continue }
                all.invariants.append(
                    .pointsAtRow(columns, of: table.name, at: TableName(reference.table), targets, dialect))
            case .null, .primaryKey, .unique, .defaultValue, .collation, .generated: continue
            }
        }
        return all
    }
}
