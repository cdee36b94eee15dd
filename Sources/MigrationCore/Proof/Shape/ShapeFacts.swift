import DoubleWrite

/// What a file declares of a change with two shapes, and what the schema says of the old one before it begins. All else
/// the proof reads in the plan's steps.
struct ShapeFacts {
    /// A column of one shape: its own name, and the one that it bears while both are there.
    struct Member {
        var name: String
        var physicalName: String
        var isNullable: Bool
        var fallback: Effect.Fallback
    }

    var change: ChangeID
    /// The table of the old columns, and that of the new ones.
    var source: TableName
    var target: TableName
    /// The first one's name decides whether the shape is there under a name.
    var olds: [Member]
    var news: [Member]
    /// Whether every value of either shape has its counterpart in the other one.
    var isIdentity: Bool
    var isLossyDown: Bool
    var sync: Sync
    /// What the database demands of the old columns, besides NOT NULL.
    var demands: [Effect.Demand]
    /// What the old table's stored text says (SQLite), with the columns that it is said of.
    var clauses: [(clause: SQLiteDefinition.Clause, column: String?)] = []
    /// The move, where the new column is in another table.
    var move: MoveColumn?
    /// The table that says which value stands for which reference, where the new column is one.
    var lookup: TableName?
    let dialect: Dialect

    /// Whether a new column bears an old one's name in the end.
    var keepsName: Bool { news.contains { $0.physicalName != $0.name } }
}

extension ShapeFacts {
    /// The facts of an operation that makes one shape of another; `nil` for every other operation, and where the plan does
    /// so in place.
    init?(_ operation: Operation, in schema: Schema) {
        switch operation {
        case .renameColumn(let rename):
            guard rename.strategy == .copy else { return nil }
            self.init(
                operation, rename.table, [rename.from], [rename.to], isIdentity: true, rename.sync, in: schema
            )
        case .changeType(let change):
            if change.isInPlace(in: schema) { return nil }
            self.init(
                operation, change.table, [change.column], [change.column], isLossy: change.isLossyDown,
                change.sync, in: schema)
        case .changeColumn(let change):
            self.init(
                operation, change.table, [change.from], [change.to], isLossy: change.isLossyDown, change.sync,
                in: schema)
        case .splitColumn(let split):
            self.init(
                operation, split.table, [split.from], split.to.map(\.definition.name),
                isLossy: split.isLossyDown, split.sync, in: schema)
        case .mergeColumns(let merge):
            self.init(
                operation, merge.table, merge.from.map(\.name), [merge.to.definition.name],
                isLossy: merge.isLossyDown, merge.sync, in: schema)
        case .moveColumn(let move):
            self.init(
                operation, move.table, [move.column], [move.to], isIdentity: true, .doubleWrite, in: schema)
            self.move = move
            target = schema.dialect.normalized(move.toTable)
        case .extractTable(let extract):
            self.init(
                operation, extract.table, [extract.column], [extract.reference], isIdentity: true,
                .doubleWrite, in: schema)
            lookup = schema.dialect.normalized(extract.into)
        case .createTable, .addColumn, .dropColumn, .createIndex, .dropIndex, .dropTable, .renameTable,
            .setNotNull, .dropNotNull, .setDefault, .dropDefault, .setComment, .addCheck, .addForeignKey,
            .addUnique, .addPrimaryKey, .dropConstraint, .renameConstraint, .replaceIndex, .createEnum,
            .addEnumValue, .dropEnum, .setReplicaIdentity, .sql:
            return nil
        }
    }

    private init?(
        _ operation: Operation, _ name: TableName, _ olds: [String], _ news: [String],
        isIdentity: Bool = false, isLossy: Bool = false, _ sync: Sync, in schema: Schema
    ) {
        guard let table = schema[name], let change = operation.change else { return nil }
        let dialect = schema.dialect
        self.change = change
        self.dialect = dialect
        source = dialect.normalized(table.name)
        target = source
        self.isIdentity = isIdentity
        isLossyDown = isLossy
        self.sync = sync
        let moves = if case .moveColumn = operation { true } else { false }
        self.olds = olds.map { name in
            let column = table.columns.first { dialect.sameName($0.name, name) }
            return Member(
                name: column?.name ?? name, physicalName: column?.name ?? name,
                isNullable: column?.isNullable ?? true, fallback: column?.fallback ?? .null)
        }
        let members = news.map { name in
            let isShadow = !moves && olds.contains { dialect.sameName($0, name) }
            return Member(
                name: name, physicalName: isShadow ? dialect.shadowName(of: name) : name, isNullable: true,
                fallback: .null)
        }
        self.news =
            members.filter { $0.physicalName != $0.name } + members.filter { $0.physicalName == $0.name }
        demands = table.demands(over: self.olds.map(\.name), source)
        switch dialect {
        case .postgres: break
        case .sqlite:
            // What a clause demands is read in the text; an index is not in it.
            let indexes = Set(table.indexes.map(\.name))
            demands.removeAll { !indexes.contains($0.name) }
            clauses = (try? table.sqliteDefinition())?.clauses ?? []
        }
    }
}

extension ChangeType {
    /// Whether the plan changes the type where it is.
    fileprivate func isInPlace(in schema: Schema) -> Bool {
        guard let table = schema[self.table], let column = table.column(self.column) else { return false }
        return switch schema.dialect {
        case .postgres: InPlaceType(self, of: column, in: table, .postgres) != nil
        case .sqlite: SQLiteInPlaceType(self, of: column, in: table) != nil
        }
    }
}

extension Column {
    /// What a row gets that is inserted without the column.
    var fallback: Effect.Fallback {
        if isDefaultVolatile || identity != nil || generated != nil { return .varying }
        return defaultValue.map { SQLiteLiteral.isNull($0) ? .null : .constant } ?? .null
    }
}

extension Table {
    /// What the database demands of these columns, besides NOT NULL; `readsRows` where the rows that are there keep it.
    func demands(over columns: [String], _ table: TableName) -> [Effect.Demand] {
        func demand(
            _ name: String?, _ kind: Effect.Demand.Kind, _ columns: [String], isKept: Bool = true
        ) -> Effect.Demand {
            .init(name: name ?? "", table: table, kind: kind, columns: columns, readsRows: isKept)
        }
        var all = uniqueConstraints.map { demand($0.name, .unique, $0.columns) }
        if !primaryKey.isEmpty { all.append(demand(primaryKeyName, .unique, primaryKey)) }
        all += indexes.filter(\.isUnique).map { demand($0.name, .unique, $0.columns.sorted()) }
        all += checks.map { demand($0.name, .check, $0.columns.sorted(), isKept: $0.isValidated) }
        all += foreignKeys.map { key in
            let writes = key.target.onDelete.writes || key.target.onUpdate.writes
            return demand(
                key.name, .foreignKey(writes: writes), key.columns, isKept: key.isValidated)
        }
        return all.filter { !Set(columns).isDisjoint(with: $0.columns) }
    }
}
