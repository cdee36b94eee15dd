import DoubleWrite

/// What a change of shape has to write in the table's stored text: what that says of the old columns, and what `ADD COLUMN` cannot
/// say of the new ones.
struct SQLiteShapeText {
    /// What the rows must meet before anything changes, beside what the change itself demands.
    var demands: [Verification.Invariant] = []
    /// The new columns that become NOT NULL only when every row has a value.
    var late: Set<String> = []
    /// The foreign key that the new column is added with.
    var inline: SQLiteDefinition.Clause?
    /// Foreign keys of the new column that cannot be added with it.
    var references: Step?
    var notNull: Step?
    /// Takes from the old columns what would fail, or act on stale values, once nobody fills them.
    var handOver: Step?
    /// Gives the new column the CHECKs of the old one, whose name it has by then.
    var checks: Step?
    /// Brings back the user's own text on the way back.
    var restored: Step?
}

extension SQLitePlanning {
    /// Plans what the stored text needs; nothing, where it says nothing of the columns.
    func addText(to shape: inout SQLiteShape, into draft: inout OperationDraft) {
        guard shape.change.table.kind == .ordinary,
            let definition = try? shape.table.sqliteDefinition(),
            let parts = ShapeTextParts(shape.change, definition), !parts.isEmpty
        else { return }
        let words = shape.words
        let table = shape.table
        warnOfText(of: table, into: &draft)
        warnOfLeaving(parts, words, into: &draft)
        shape.text.late = Set(parts.notNull.map(\.column))
        shape.text.inline = parts.inline
        shape.text.demands = parts.checks.map { parts.demand($0, isExpanded: false) }
        var live = definition
        live.columns += shape.change.news.compactMap { new in
            try? SQLiteDefinition("CREATE TABLE `x` (\(shape.definition(of: new)))").columns.first
        }
        let references = parts.references.map { TableEdit.add($0, column: nil) }
        shape.text.references = forthAndBack(
            "let \(words.new) point where \(words.old) \(shape.change.olds.count == 1 ? "points" : "point")",
            "So the database writes both where it writes by itself (ON UPDATE, ON DELETE).", references,
            of: table, &live, demand: parts.acts ? pointing(parts.change, table) : nil)
        let notNull = parts.notNull.map { TableEdit.add($0.clause, column: $0.column) }
        shape.text.notNull = forthAndBack(
            "make \(words.new) NOT NULL", "Every row has a value by now.", notNull, of: table, &live,
            demand: notNull.isEmpty
                ? nil : counted(parts.notNull.map { .notNull($0.column, dialect) }, of: table))
        let takes = parts.leaving.map { TableEdit.remove($0.clause, column: $0.column) }
        shape.text.handOver = forthAndBack(
            "take from \(words.old) what would fail once nobody fills \(shape.change.olds.count == 1 ? "it" : "them")",
            "NOT NULL, CHECKs and foreign keys of \(words.old) mean nothing any more when only \(words.newIs) written.",
            takes, of: table, &live,
            demand: counted(parts.checks.map { parts.demand($0, isExpanded: true) }, of: table),
            demandBack: returning(parts, to: table), before: parts.acts ? [shape.refill] : [])
        live = live.renaming(parts.finalNames)
        let checks = parts.checks.map { TableEdit.add($0.clause, column: $0.column) }
        shape.text.checks = forthAndBack(
            "give \(words.new) the CHECK again",
            "It speaks of the name that the new column has from here.", checks, of: table, &live,
            demand: counted(parts.checks.map { .check($0.name, $0.condition) }, of: table))
        if let text = table.definition {
            let work = DefinitionEdit(table: TableName(table.name.name), edits: [], text: text)
            shape.text.restored = step("bring back the table's own text", "", work)
        }
    }

    /// A step with its undo; `nil` for no edits. `live` is the definition before it, and then the one behind it.
    private func forthAndBack(
        _ title: String, _ explanation: String, _ edits: [TableEdit], of table: Table,
        _ live: inout SQLiteDefinition, demand: Verification? = nil, demandBack: Verification? = nil,
        before preparation: [Step] = []
    ) -> Step? {
        guard !edits.isEmpty, let after = live.edited(edits) else { return nil }
        let name = TableName(table.name.name)
        var step = step(
            title, explanation,
            DefinitionEdit(
                table: name, edits: edits, text: after.sql(named: name.name), verification: demand))
        step.undo =
            preparation + [
                self.step(
                    "undo: \(title)", "",
                    DefinitionEdit(
                        table: name, edits: edits.reversed().map(\.inverse),
                        text: live.sql(named: name.name), verification: demandBack))
            ]
        live = after
        return step
    }

    /// What must be true of the rows before a key stands on the new columns by which the database writes. Since they are
    /// there it may have followed a row in the old columns alone.
    private func pointing(_ change: ShapeChange, _ table: Table) -> Verification? {
        guard let new = change.physicalNames.first else { return nil }
        let stale = change.newIsOld.map { invariant in
            Verification.Invariant(
                name: invariant.name,
                violation: "\(dialect.quote(new)) IS NOT NULL AND (\(invariant.violation))")
        }
        return counted(stale, of: table, showing: change.oldNames + change.physicalNames)
    }

    /// What must be true of the rows before the old columns are as strict again.
    private func returning(_ parts: ShapeTextParts, to table: Table) -> Verification? {
        var shown: [String] = []
        var demands: [Verification.Invariant] = []
        for entry in parts.leaving {
            let columns = entry.column.map { [$0] } ?? []
            switch entry.clause.content {
            case .notNull: demands += columns.map { .notNull($0, dialect) }
            case .check(let condition): demands.append(.check(entry.clause.name ?? "CHECK", condition))
            case .foreignKey(let reference):
                guard
                    let parent = context.schema.tables.first(where: {
                        dialect.sameName($0.name.name, reference.table)
                    })
                else { continue }
                let own = columns + reference.columns
                let targets = reference.targets.isEmpty ? parent.primaryKey : reference.targets
                guard own.count == targets.count else { continue }
                demands.append(.pointsAtRow(own, of: table.name, at: parent.name, targets, dialect))
                shown += own
            case .null, .primaryKey, .unique, .defaultValue, .collation, .generated: continue
            }
            shown += columns
        }
        guard parts.acts else { return counted(demands, of: table, showing: shown) }
        // Meanwhile the database has followed rows that are pointed at in the new columns alone.
        let change = parts.change
        return counted(
            demands + (change.isLossyDown ? change.returned : change.oldIsNew), of: table,
            showing: shown + change.physicalNames)
    }

    /// One count of all that is demanded; `nil` where nothing is.
    private func counted(
        _ demands: [Verification.Invariant], of table: Table, showing columns: [String] = []
    ) -> Verification? {
        guard !demands.isEmpty else { return nil }
        return Verification(
            table: table.name, invariants: demands, sampleColumns: table.sample(columns.uniqued, dialect))
    }

    private func warnOfLeaving(
        _ parts: ShapeTextParts, _ words: ShapeWords, into draft: inout OperationDraft
    ) {
        for text in parts.forgotten {
            draft.warnings.append(
                "\(text) is on \(words.old) and goes with it in the transition. What it would say of \(words.new) cannot be told: "
                    + "declare it with them, or add it afterwards (add_check, add_foreign_key).")
        }
        guard !parts.checks.isEmpty else { return }
        draft.warnings.append(
            "SQLite checks \(parts.checks.map { "'\($0.name)'" }.joined(separator: ", ")) of \(words.old) until the transition, and "
                + "of \(words.new) from the contract on, where it has the name that the CHECK speaks of. The rows are counted before "
                + "each.")
    }
}
