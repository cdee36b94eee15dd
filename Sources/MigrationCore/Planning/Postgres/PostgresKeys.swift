import DoubleWrite

/// A foreign key of the new column to a column whose type changes in the same migration: it points at that one's new
/// column, which others refer to from then on.
struct PostgresMovedKey {
    /// The old column's.
    let original: ForeignKey
    /// As it points from the new column to the new key.
    let copy: ForeignKey
    let carrying: PostgresCarrying
    /// As it points from the new column to the old key, until the new one is filled: only where the database itself
    /// writes by it.
    let forerunner: PostgresCarrying?

    init?(_ key: ForeignKey, retyped: [TouchedColumn], in schema: Schema, columns: [String: String]) {
        let dialect = Dialect.postgres
        let targets = key.targets(in: schema)
        let shadows = targets.map { name in
            let column = TouchedColumn(table: dialect.normalized(key.target.table), column: name)
            return retyped.contains(column) ? dialect.shadowName(of: name) : name
        }
        guard shadows != targets else { return nil }
        original = key
        var copy = key
        copy.target.columns = shadows
        self.copy = copy
        carrying = PostgresCarrying(columns: columns, name: dialect.temporaryName)
        forerunner =
            key.writes
            ? PostgresCarrying(columns: columns, name: { dialect.shortened("_bellows_key_" + $0) }) : nil
    }
}

extension ForeignKey {
    /// The columns that it points at, also where it leaves them to the primary key.
    func targets(in schema: Schema) -> [String] {
        target.columns.isEmpty ? schema[target.table]?.primaryKey ?? [] : target.columns
    }
}

extension Schema {
    /// The columns whose type these operations change by way of a second column.
    func retyped(by operations: [Operation]) -> [TouchedColumn] {
        guard dialect == .postgres else { return [] }
        return operations.compactMap { operation in
            guard case .changeType(let change) = operation, let table = self[change.table],
                let column = table.column(change.column),
                InPlaceType(change, of: column, in: table, dialect) == nil
            else { return nil }
            return TouchedColumn(table: dialect.normalized(change.table), column: change.column)
        }
    }
}

extension PostgresPlanning {
    /// Refuses a change of type of a column that others refer to while they keep theirs: there would be nothing to
    /// refer to.
    func refuseStayingReferences(of change: ShapeChange, into draft: inout OperationDraft) {
        let own = dialect.normalized(change.table.name)
        for name in change.oldNames {
            for table in context.schema.tables {
                for key in table.foreignKeys where dialect.normalized(key.target.table) == own {
                    guard let place = key.targets(in: context.schema).firstIndex(of: name),
                        key.columns.indices.contains(place)
                    else { continue }
                    let column = TouchedColumn(
                        table: dialect.normalized(table.name), column: key.columns[place])
                    guard !context.retyped.contains(column) else {
                        refuseOrder(of: column, before: TouchedColumn(table: own, column: name), into: &draft)
                        continue
                    }
                    draft.refuse(
                        draft.columnPath,
                        "'\(name)' is referenced by \(column), with the foreign key '\(key.name ?? "")', which keeps its type; "
                            + "change it in the same migration (change_type: { table: \(table.name), column: "
                            + "\(key.columns[place]), type: \(change.news.first?.column.type ?? "") })")
                }
            }
        }
    }

    /// A column that is a key and refers to one is handed over before the one that it refers to.
    private func refuseOrder(
        of column: TouchedColumn, before key: TouchedColumn, into draft: inout OperationDraft
    ) {
        guard context.schema[column.table]?.primaryKey.contains(column.column ?? "") == true,
            let first = context.retyped.firstIndex(of: column),
            let second = context.retyped.firstIndex(of: key),
            first > second
        else { return }
        draft.refuse(
            draft.columnPath,
            "\(column) is a key itself and refers to this one; put its change_type before this one, so that it is done "
                + "with the old values first")
    }
}

// MARK: - The primary key

extension PostgresShape {
    /// The primary key's name, where the change takes it along.
    var primaryKeyName: String? {
        guard change.movesKeys, !table.primaryKey.isEmpty,
            change.oldNames.contains(where: table.primaryKey.contains)
        else { return nil }
        return table.primaryKeyName ?? dialect.shortened(table.name.name, suffix: "_pkey")
    }

    /// Whether something may refer to the old column, so that it is handed over last.
    var isKey: Bool {
        change.movesKeys && (primaryKeyName != nil || old.uniques.contains { $0.columns == change.oldNames })
    }

    private func keyIndex(_ name: String, named: String, _ columns: [String]) -> Action {
        .buildIndex(
            IndexBuild(
                table: table.name, name: named,
                statement: "CREATE UNIQUE INDEX CONCURRENTLY \(dialect.quote(named)) "
                    + "ON \(dialect.quote(table.name)) (\(dialect.quote(columns)))"))
    }

    func addKeyIndex(to draft: inout OperationDraft) {
        guard let name = primaryKeyName else { return }
        let columns = table.primaryKey.map { change.heirs[$0] ?? $0 }
        draft.add(
            .expand, "key-index",
            Step(
                "build the index of the primary key on \(words.new)", Self.indexExplanation,
                keyIndex(name, named: dialect.temporaryName(of: name), columns),
                lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true))
    }

    /// The key is the new column's under its own name when nothing else is.
    var finalKey: [String] {
        primaryKeyName.map { name in
            [
                "\(alter) ADD CONSTRAINT \(dialect.quote(name)) PRIMARY KEY USING INDEX "
                    + dialect.quote(dialect.temporaryName(of: name))
            ]
        } ?? []
    }

    /// The steps by which the old column is the primary key again.
    var restoredKey: [Step] {
        guard let name = primaryKeyName else { return [] }
        return [
            Step(
                "build the index of the primary key on \(words.old) again",
                "CONCURRENTLY: writers go on while it is built.",
                keyIndex(name, named: name, table.primaryKey),
                lock: .shareUpdateExclusive(table.name, "while the index is built"), scans: true),
            Step(
                "make that index the primary key's again", "Nothing is read.",
                statements([
                    "\(alter) ADD CONSTRAINT \(dialect.quote(name)) PRIMARY KEY USING INDEX \(dialect.quote(name))"
                ]),
                lock: .accessExclusive(table.name)),
        ]
    }
}

// MARK: - Foreign keys to a key that changes, too

extension PostgresShape {
    func addMovedKeys(to draft: inout OperationDraft) {
        for (number, key) in new.movedKeys.enumerated() {
            let name = key.original.name ?? ""
            let forerunner = key.forerunner.map { "\(alter) \($0.addition(key.original))" }
            let dropForerunner = key.forerunner.map { "\(alter) DROP CONSTRAINT \($0.quotedName(name))" }
            let drop = "\(alter) DROP CONSTRAINT \(key.carrying.quotedName(name))"
            draft.add(
                .expand, "moved-key-\(number + 1)", rank: .references,
                Step(
                    "point the copy of foreign key '\(name)' from \(words.new) to the new key, not validated",
                    "NOT VALID: it holds for every write from now on; the rows that are there are read in the next step.",
                    statements(
                        ["\(alter) \(key.carrying.addition(key.copy))"] + [dropForerunner].compactMap { $0 }),
                    lock: .foreignKey(from: table.name, to: key.original.target.table),
                    undo: [
                        Step(
                            "drop that copy of foreign key '\(name)' again", "",
                            statements([forerunner, drop].compactMap { $0 }),
                            lock: .foreignKey(from: table.name, to: key.original.target.table),
                            settlesFirst: false)
                    ]))
            if key.original.isValidated {
                draft.add(
                    .expand, "moved-key-\(number + 1)-validate", rank: .references,
                    validate(key.carrying.name(name), "the copy of '\(name)'"))
            }
        }
    }
}
