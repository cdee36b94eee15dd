import DoubleWrite

/// `rename_column` by way of a second column, in SQLite, as far as `ALTER TABLE` reaches.
extension SQLitePlanning {
    func planCopy(_ operation: RenameColumn, into draft: inout OperationDraft) {
        context.touch(operation, into: &draft)
        draft.renamedTo = operation.to
        guard let table = context.table(operation.table, into: &draft) else { return }
        context.checkNames(operation, in: table, into: &draft)
        guard let column = context.column(operation.from, of: table, path: "from", into: &draft) else {
            return
        }
        refuseCopy(of: column, in: table, into: &draft)
        draft.warnings.append(RenameWords(operation).uncoveredWriters)
        let rename = SQLiteRename(
            operation: operation, table: table, column: column, key: table.sqliteKey ?? [],
            generation: context.generation(of: operation.changeID),
            indexNames: context.schema.copiedIndexNames(for: operation, in: table))
        guard !rename.key.isEmpty else { return }
        rename.addExpand(to: &draft)
        rename.addTransition(to: &draft)
        rename.addContract(to: &draft)
    }
}

/// The steps of one rename.
struct SQLiteRename {
    let operation: RenameColumn
    let table: Table
    let column: Column
    /// How the rows are addressed, in order.
    let key: [String]
    let generation: Int
    /// The copies' names, by the originals'. SQLite cannot rename an index.
    let indexNames: [String: String]
    let words: RenameWords
    let dialect = Dialect.sqlite

    init(
        operation: RenameColumn, table: Table, column: Column, key: [String], generation: Int,
        indexNames: [String: String]
    ) {
        self.operation = operation
        self.table = table
        self.column = column
        self.key = key
        self.generation = generation
        self.indexNames = indexNames
        words = RenameWords(operation)
    }

    var alter: String { "ALTER TABLE \(dialect.quote(table.name))" }
    var quotedOld: String { dialect.quote(operation.from) }
    var quotedNew: String { dialect.quote(operation.to) }
    var retired: String { dialect.retiredName(of: operation.from) }
    var indexes: [Index] { table.indexes.filter { $0.columns.contains(operation.from) } }

    func flip(_ stage: Stage, generation: Int? = nil) -> StageFlip {
        StageFlip(change: operation.changeID, stage: stage, generation: generation)
    }

    func statements(_ statements: [String], flip: StageFlip? = nil) -> Action {
        .statements(on: table.name, statements, flip: flip)
    }
}

// MARK: - Counting and filling

extension SQLiteRename {
    /// SQL that is true where the two columns are not identical.
    func mismatch(_ left: String, _ right: String) -> String { dialect.differs(left, right) }

    var newIsOld: Verification.Invariant {
        Verification.Invariant(
            name: "\(operation.to) = \(operation.from)", violation: mismatch(quotedNew, quotedOld))
    }

    var oldIsNew: Verification.Invariant {
        Verification.Invariant(
            name: "\(operation.from) = \(operation.to)", violation: mismatch(quotedOld, quotedNew))
    }

    func verify(_ title: String, _ explanation: String, _ invariants: [Verification.Invariant], settles: Bool)
        -> Step
    {
        Step(
            title, explanation,
            .verify(
                Verification(
                    table: table.name, invariants: invariants,
                    sampleColumns: key + [operation.from, operation.to])),
            scans: true, settlesFirst: settles)
    }

    func backfill(_ title: String, _ explanation: String, from source: String, to target: String) -> Step {
        Step(
            title, explanation,
            .backfill(
                Backfill(
                    table: table.name, assignments: "\(target) = \(source)",
                    mismatch: mismatch(target, source),
                    key: key)),
            lock: .reserved("a batch at a time"), scans: true, rewrites: true, settlesFirst: true)
    }

    var reverseBackfill: Step {
        backfill(
            "copy '\(operation.to)' back to '\(operation.from)'",
            "'\(operation.to)' is the truth here: whatever was written to it alone comes back to '\(operation.from)'.",
            from: quotedNew, to: quotedOld)
    }
}

// MARK: - Indexes

extension SQLiteRename {
    func create(_ index: Index, named name: String, renaming columns: [String: String] = [:]) -> String {
        index.sqliteStatement(named: name, on: table.name, renaming: columns)
    }

    func drop(_ name: String) -> String { Index.sqliteDrop(name, on: table.name) }

    func copyName(of index: Index) -> String { indexNames[index.name] ?? index.name }
}

extension Schema {
    /// The names that the copies of a SQLite column's indexes bear until the old column is gone, made different from
    /// every other index of the schema.
    func copiedIndexNames(for operation: RenameColumn, in table: Table) -> [String: String] {
        var taken = Set(tables.flatMap(\.indexes).map(\.name.asciiFolded))
        taken.formUnion(tables.map(\.name.name.asciiFolded))
        var names: [String: String] = [:]
        for index in table.indexes where index.columns.contains(operation.from) {
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
