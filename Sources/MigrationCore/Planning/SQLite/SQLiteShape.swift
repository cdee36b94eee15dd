import DoubleWrite

extension SQLitePlanning {
    /// Plans a change of shape by way of columns beside the old ones.
    func plan(_ change: ShapeChange, into draft: inout OperationDraft) {
        refuseCopy(change, into: &draft)
        var shape = SQLiteShape(
            change: change, indexNames: context.schema.copiedIndexNames(of: change), schema: context.schema)
        context.checkGuard(change, into: &draft)
        ShapeProbes(change).add(to: &draft)
        if change.sync == .trigger {
            context.checkSync(change, into: &draft)
            refuseSync(change, into: &draft)
            guard !change.key.isEmpty else { return }
            return shape.addSynchronized(to: &draft)
        }
        draft.warnings +=
            change.isGuarded ? change.words.guardedWriters(.sqlite) : [change.words.uncoveredWriters]
        if change.isLossyDown { draft.warnings.append(change.words.lossyUndo) }
        draft.warnings += change.words.lookup.map(change.words.cautions) ?? []
        for trigger in change.table.dependents where trigger.kind == .trigger {
            draft.warnings.append(change.words.fires(trigger.name))
        }
        addText(to: &shape, into: &draft)
        guard !change.key.isEmpty else { return }
        shape.addDoubleWrite(to: &draft)
        shape.addExpand(to: &draft)
        shape.addTransition(to: &draft)
        shape.addContract(to: &draft)
    }
}

/// The steps of one change of shape.
struct SQLiteShape {
    let change: ShapeChange
    /// The copies' names, by the originals'. SQLite cannot rename an index.
    let indexNames: [String: String]
    let schema: Schema
    var text = SQLiteShapeText()
    let dialect = Dialect.sqlite

    var words: ShapeWords { change.words }
    var table: Table { change.table }
    /// The triggers that heal and count, where the file asks for them.
    var guardian: SQLiteGuard? { change.isGuarded ? SQLiteGuard(change) : nil }
    var alter: String { "ALTER TABLE \(dialect.quote(table.name))" }

    /// The indexes of the old columns.
    var indexes: [Index] { table.indexes.filter { !$0.columns.isDisjoint(with: change.oldNames) } }
    /// Those of them that the new column gets a copy of.
    var copied: [Index] { change.inherits == .grants ? [] : indexes }
    /// The indexes that stand for UNIQUE of the new columns.
    var declared: [CreateIndex] {
        change.news.filter(\.isUnique).map { new in
            let names = ConstraintNames(dialect: dialect, table: table.name, column: new.column.name)
            return CreateIndex(
                table: table.name, name: names.uniqueIndex,
                keys: [CreateIndex.Key(.column(new.physicalName))], isUnique: true)
        }
    }

    func statements(_ statements: [String], flip: StageFlip? = nil) -> Action {
        .statements(on: table.name, statements, flip: flip)
    }

    func flip(_ stage: Stage) -> Action { .flip(change.flip(stage)) }
}

// MARK: - Counting and filling

extension SQLiteShape {
    func verify(
        _ title: String, _ explanation: String, _ invariants: [Verification.Invariant], settles: Bool
    ) -> Step {
        Step(
            title, explanation,
            .verify(
                Verification(
                    table: table.name, invariants: invariants,
                    sampleColumns: change.key + change.oldNames + change.physicalNames)),
            scans: true, settlesFirst: settles)
    }

    func backfill(
        _ title: String, _ explanation: String, _ assignments: String, _ mismatch: String,
        _ batch: BatchWrites? = nil
    ) -> Step {
        Step(
            title, explanation,
            .backfill(
                Backfill(
                    table: table.name, assignments: assignments, mismatch: mismatch, key: change.key,
                    batch: batch, isDerived: batch == nil)),
            lock: .reserved("a batch at a time"), scans: true, rewrites: true, settlesFirst: true)
    }

    /// Before the truth goes back.
    var reverseBackfill: Step {
        backfill(
            "copy \(words.new) back to \(words.old)",
            "\(words.newIs) the truth here: whatever was written there alone comes back to \(words.old).",
            change.reverseAssignments, change.reverseMismatch,
            change.lookup?.reverse(change.reverseAssignments))
    }

    /// As soon as both are written again, so that what the old columns had on them can come back.
    var refill: Step {
        backfill(
            "refill \(words.old) from \(words.new)",
            "\(words.newIs) the truth here: whatever was written there alone comes back to \(words.old).",
            change.reverseAssignments, change.reverseMismatch,
            change.lookup?.reverse(change.reverseAssignments))
    }

    /// The rows that lose something on the way back; a rollback stops here where there are any.
    ///
    /// - Parameter time: When they are counted, where it is not the only count of its rollback.
    func losses(_ time: String = "") -> [Step] {
        guard change.isLossyDown else { return [] }
        return [
            Step(
                "count the rows that the way back to \(words.old) changes\(time)",
                "What of \(words.new) does not survive it is lost from here.",
                .verify(
                    Verification(
                        table: table.name, invariants: change.losses,
                        sampleColumns: change.key + change.physicalNames,
                        sampleValues: change.lossSamples, countsLosses: true)),
                scans: true, settlesFirst: true)
        ]
    }
}

// MARK: - Indexes

extension SQLiteShape {
    func create(_ index: Index, named name: String, renaming columns: [String: String] = [:]) -> String {
        index.sqliteStatement(named: name, on: table.name, renaming: columns)
    }

    func drop(_ name: String) -> String { Index.sqliteDrop(name, on: table.name) }

    func copyName(of index: Index) -> String { indexNames[index.name] ?? index.name }
}

extension Schema {
    /// The names that the copies of a SQLite column's indexes bear until the old column is gone, made different from
    /// every other index of the schema.
    func copiedIndexNames(of change: ShapeChange) -> [String: String] {
        var taken = Set(tables.flatMap(\.indexes).map(\.name.asciiFolded))
        taken.formUnion(tables.map(\.name.name.asciiFolded))
        var names: [String: String] = [:]
        for index in change.table.indexes where !index.columns.isDisjoint(with: change.oldNames) {
            let wanted = dialect.temporaryName(of: index.name)
            var name = wanted
            var number = 2
            while taken.contains(name.asciiFolded) {
                name = "\(wanted)_\(number)"
                number += 1
            }
            taken.insert(name.asciiFolded)
            names[index.name] = name
        }
        return names
    }
}
