import DoubleWrite

/// What `ALTER TABLE` cannot do: another table with the same rows is filled beside the writers and put in the table's place.
///
/// Triggers keep the shadow like the table; the rows are copied in batches, compared both ways, and compared again where they
/// were written since, in the transaction that exchanges the two. The shadow has the new definition's types and keys but none
/// of its NOT NULL, CHECK, default and foreign key clauses: those are text, which the exchange puts in. So the shadow refuses
/// nothing that the table itself has taken. (Where a key is new, the table has an index that is as strict, beforehand.)
struct SQLiteRebuild {
    let table: Table
    let before: SQLiteDefinition
    let after: SQLiteDefinition
    /// The stored text at the end: the user's own, on the way back.
    let text: String
    /// The columns by which a row is found: unique and never NULL on both sides.
    let key: [String]
    /// The indexes that both have.
    let indexes: [Index]
    /// The indexes that only the table has; they go with it.
    let tableOnly: [Index]
    /// The indexes that only the shadow has.
    let shadowOnly: [Index]
    let dialect = Dialect.sqlite

    init(
        table: Table, before: SQLiteDefinition, after: SQLiteDefinition, text: String? = nil, key: [String],
        tableOnly: [Index] = [], shadowOnly: [Index] = []
    ) {
        self.table = table
        self.before = before
        self.after = after
        self.text = text ?? after.sql(named: table.name.name)
        self.key = key
        indexes = table.indexes
        self.tableOnly = tableOnly
        self.shadowOnly = shadowOnly
    }
}

// MARK: - Names

extension SQLiteRebuild {
    var name: String { table.name.name }
    var shadow: String { "bellows_next_" + name }
    var retired: String { "bellows_retired_" + name }
    var written: String { "bellows_written_" + name }

    enum Event: String, CaseIterable { case insert, update, delete }

    func trigger(_ event: Event) -> String { "bellows_mirror_\(event.rawValue)_\(name)" }

    func early(_ event: Event) -> String { "bellows_mirror_early_\(event.rawValue)_\(name)" }

    /// The name under which the table shows its rows' addresses, where those are not the value of a column: a statement may give a
    /// row's address to another one.
    var address: String? {
        guard !before.isWithoutRowID, !before.hasRowIDColumn else { return nil }
        return ["_rowid_", "rowid", "oid"].first { before.column($0) == nil }
    }

    var rows: RowCopy {
        RowCopy(
            table: TableName(name), shadow: shadow, written: written,
            replaced: address.map { _ in "bellows_replaced_" + name }, key: key,
            columns: after.columns.filter { !$0.isGenerated }.map(\.name))
    }

    var swap: TableSwap {
        TableSwap(
            rows: rows, before: before, text: text, retired: retired,
            retiredText: before.without { if case .foreignKey = $0 { true } else { false } }.sql(
                named: retired),
            indexes: indexes.map { names(of: $0, isOnTable: true, isOnShadow: true) }
                + tableOnly.map { names(of: $0, isOnTable: true, isOnShadow: false) }
                + shadowOnly.map { names(of: $0, isOnTable: false, isOnShadow: true) })
    }

    private func names(of index: Index, isOnTable: Bool, isOnShadow: Bool) -> TableSwap.IndexNames {
        let retiredName = "bellows_retired_" + index.name
        return TableSwap.IndexNames(
            name: index.name, sql: index.storedSQL(named: index.name, on: name),
            shadow: isOnShadow ? shadowName(of: index) : nil,
            retired: isOnTable ? retiredName : nil,
            retiredSQL: index.storedSQL(named: retiredName, on: retired))
    }

    private func shadowName(of index: Index) -> String { "bellows_next_" + index.name }
}

// MARK: - The shadow

extension SQLiteRebuild {
    /// What makes the shadow, its indexes, the list of written keys and the triggers. The indexes are there from the
    /// beginning: each batch fills them, and nobody waits for a whole one.
    var creation: [String] { creation(isTemporary: false) }

    /// The same beside the file, where nothing of it is written: for asking whether SQLite takes it.
    var trial: [String] { creation(isTemporary: true) }

    private func creation(isTemporary: Bool) -> [String] {
        let definition = after.without { !$0.isOfStorage }.withoutConflicts
        let schema = isTemporary ? "temp" : nil
        return [definition.sql(named: shadow, in: schema)]
            + (indexes + shadowOnly).map {
                $0.sqliteStatement(named: shadowName(of: $0), on: TableName(schema: schema, shadow))
            } + [keys(named: written, in: schema)]
            + [rows.replaced].compactMap { $0.map { keys(named: $0, in: schema) } }
            + earlyMirrors(isTemporary: isTemporary)
            + Event.allCases.map { mirror($0, isTemporary: isTemporary) }
    }

    /// What takes all of that away, however much of it is there.
    var removal: [String] {
        let early = address == nil ? [] : [Event.insert, .update].map(early)
        return (early + Event.allCases.map(trigger)).map { "DROP TRIGGER IF EXISTS \(dialect.quote($0))" }
            + ([shadow, written] + [rows.replaced].compactMap(\.self)).map {
                "DROP TABLE IF EXISTS \(dialect.quote($0))"
            }
    }

    var removalOfRetired: [String] { ["DROP TABLE IF EXISTS \(dialect.quote(retired))"] }

    private func keys(named name: String, in schema: String?) -> String {
        let columns = key.compactMap { before.column($0) }.map { column in
            SQLiteDefinition.Column(
                name: column.name, type: column.type,
                clauses: column.clauses.filter { if case .collation = $0.content { true } else { false } })
        }
        let definition = SQLiteDefinition(
            columns: columns, constraints: [.init(.primaryKey(SQLiteKey(columns: key)))],
            isStrict: before.isStrict, isWithoutRowID: true)
        return definition.sql(named: name, in: schema)
    }
}

extension Index {
    /// The text as SQLite stores it: with a schema's name in it, it would call the whole database corrupt.
    fileprivate func storedSQL(named name: String, on table: String) -> String {
        let dialect = Dialect.sqlite
        return
            "CREATE \(isUnique ? "UNIQUE INDEX" : "INDEX") \(dialect.quote(name)) ON \(dialect.quote(table)) "
            + definition.sql(dialect)
    }
}

extension SQLiteDefinition {
    /// The definition without the clauses of some kinds.
    func without(_ isLeftOut: (Content) -> Bool) -> SQLiteDefinition {
        var definition = self
        for index in definition.columns.indices {
            definition.columns[index].clauses.removeAll { isLeftOut($0.content) }
        }
        definition.constraints.removeAll { isLeftOut($0.content) }
        return definition
    }

    /// Whether the rows' address is the value of a column (`INTEGER PRIMARY KEY`).
    fileprivate var hasRowIDColumn: Bool {
        clauses.contains { clause, column in
            guard case .primaryKey(let key) = clause.content, let names = clause.content.names(column),
                names.count == 1
            else { return false }
            return self.column(names[0])?.type.asciiFolded == "integer" && key.order != "DESC"
        }
    }

    /// The definition with keys that simply refuse: a trigger's statement must not replace or pass over a row by itself.
    fileprivate var withoutConflicts: SQLiteDefinition {
        var definition = self
        for column in definition.columns.indices {
            for clause in definition.columns[column].clauses.indices {
                definition.columns[column].clauses[clause].content.forgetConflict()
            }
        }
        for clause in definition.constraints.indices {
            definition.constraints[clause].content.forgetConflict()
        }
        return definition
    }
}

extension SQLiteDefinition.Content {
    /// Whether it decides how rows are stored, and not only which are refused.
    fileprivate var isOfStorage: Bool {
        switch self {
        case .primaryKey, .unique, .collation, .generated: true
        case .notNull, .null, .check, .defaultValue, .foreignKey: false
        }
    }

    fileprivate mutating func forgetConflict() {
        switch self {
        case .primaryKey(var key):
            key.conflict = nil
            self = .primaryKey(key)
        case .unique(var key):
            key.conflict = nil
            self = .unique(key)
        case .notNull, .null, .check, .defaultValue, .collation, .foreignKey, .generated: break
        }
    }
}

extension SQLiteDefinition.Column {
    var isGenerated: Bool { clauses.contains { if case .generated = $0.content { true } else { false } } }

    var isNotNull: Bool { clauses.contains { if case .notNull = $0.content { true } else { false } } }
}
