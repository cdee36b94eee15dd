import DoubleWrite

/// `add_primary_key`, in SQLite: the table itself is made as strict first, then rebuilt with the key.
extension SQLitePlanning {
    func plan(_ operation: AddPrimaryKey, into draft: inout OperationDraft) {
        touchAll(of: operation.table, into: &draft)
        guard let table = context.table(operation.table, into: &draft),
            let definition = definition(of: table, into: &draft)
        else { return }
        if let name = operation.name { checkFree(name, in: definition, of: table, into: &draft) }
        guard isPossible(operation, table, into: &draft) else { return }
        let columns = operation.columns
        let nullable = columns.filter { name in definition.column(name).map { !$0.isNotNull } ?? false }
        warnOfText(of: table, into: &draft)
        let demand = NewDemand.key(columns, of: table, dialect)
        demand.addFirst(to: &draft)
        demand.addAgain(to: &draft)
        let notNull = nullable.map { TableEdit.add(.init(.notNull(conflict: nil)), column: $0) }
        let strict = definition.edited(notNull) ?? definition
        if !nullable.isEmpty {
            var step = edit(
                "make \(Self.list(nullable)) NOT NULL", "", notNull, of: table, definition,
                verification: Verification(
                    table: table.name, invariants: nullable.map { .notNull($0, dialect) },
                    sampleColumns: table.sample(nullable, dialect)))
            step.undo = [
                editBack("let \(Self.list(nullable)) be NULL again", "", notNull, of: table, definition)
            ]
            draft.add(.expand, "not-null", step)
        }
        let guardIndex = guardIndex(columns, on: table)
        draft.add(.expand, "guard", buildGuard(guardIndex, table))
        let keyed = definition.edited(
            notNull + [
                .add(.init(name: operation.name, .primaryKey(SQLiteKey(columns: columns))), column: nil)
            ])
        rebuild(
            table, from: strict, to: keyed ?? strict, key: columns, tableOnly: [guardIndex],
            "make \(Self.list(columns)) its primary key", undo: [], to: &draft)
    }

    private func isPossible(_ operation: AddPrimaryKey, _ table: Table, into draft: inout OperationDraft)
        -> Bool
    {
        if !table.primaryKey.isEmpty {
            draft.refuse(
                "table",
                "'\(table.name)' has a primary key already, \(Self.list(table.primaryKey)); drop that first (drop_constraint)"
            )
            return false
        }
        if operation.columns.isEmpty { draft.refuse("columns", "a primary key needs at least one column") }
        var isPossible = !operation.columns.isEmpty
        for (number, name) in operation.columns.enumerated() {
            guard let column = context.column(name, of: table, path: "columns[\(number)]", into: &draft)
            else {
                isPossible = false
                continue
            }
            guard column.generated == nil else {
                draft.refuse("columns[\(number)]", "'\(name)' is a generated column, which cannot be a key")
                return false
            }
        }
        return isPossible
    }

    static func list(_ columns: [String]) -> String { columns.map { "'\($0)'" }.joined(separator: ", ") }
}

// MARK: - Rebuilding

extension SQLitePlanning {
    /// The index that makes a table as strict as the key that is to come, or that is to come back.
    func guardIndex(
        _ columns: [String], on table: Table, _ number: Int = 1, isUnique: Bool = true
    ) -> Index {
        Index(
            name: "bellows_guard\(number == 1 ? "" : "\(number)")_" + table.name.name, isUnique: isUnique,
            definition: SQLTemplate([.text("(\(dialect.quote(columns)))")]), columns: Set(columns))
    }

    func buildGuard(_ index: Index, _ table: Table) -> Step {
        Step(
            "let an index refuse what the key would refuse",
            "So no write fails later that has not failed here. SQLite builds it in one transaction: writers wait as long as that "
                + "takes, readers do not.",
            .statements(
                on: table.name,
                [
                    Index.sqliteDrop(index.name, on: TableName(table.name.name)),
                    index.sqliteStatement(named: index.name, on: TableName(table.name.name)),
                ]),
            lock: .reserved("while the index is built"), scans: true,
            undo: [dropGuard(index, table)])
    }

    func dropGuard(_ index: Index, _ table: Table) -> Step {
        Step(
            "drop the index that stood for the key", "",
            .statements(on: table.name, [Index.sqliteDrop(index.name, on: TableName(table.name.name))]),
            lock: .reserved())
    }

    /// Rebuilds the table, and back again on the way back.
    ///
    /// - Parameters:
    ///   - tableOnly: Indexes of the table before that the one afterwards does not need.
    ///   - shadowOnly: Indexes by which the shadow's rows are found where no key of its own does it.
    ///   - preparation: What must happen on the way back before the old definition may hold again.
    func rebuild(
        _ table: Table, from before: SQLiteDefinition, to after: SQLiteDefinition, key: [String],
        tableOnly: [Index] = [], shadowOnly: [Index] = [], backOnly: [Index] = [], _ why: String,
        undo preparation: [Step],
        to draft: inout OperationDraft
    ) {
        guard table.lostText?.isEmpty ?? true else {
            return refuseLostText(of: table, path: "table", into: &draft)
        }
        let forth = SQLiteRebuild(
            table: table, before: before, after: after, key: key, tableOnly: tableOnly, shadowOnly: shadowOnly
        )
        let own = table.definition.flatMap { try? SQLiteDefinition($0).saysSame(as: before) ? $0 : nil }
        let back = SQLiteRebuild(
            table: table, before: after, after: before, text: own, key: key, tableOnly: backOnly,
            shadowOnly: tableOnly)
        draft.probe(
            nil, "the shadow of '\(table.name)'", forth.trial,
            advice:
                "texts in its definition and indexes belong in single quotes")
        forth.addSteps(why, undo: preparation, back: back, to: &draft)
    }
}
