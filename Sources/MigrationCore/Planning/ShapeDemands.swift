import DoubleWrite

/// What the indexes, foreign keys and CHECKs of a change's new columns will demand of the rows that are there: counted
/// on what `up` makes of them, before anything changes.
struct ShapeDemands {
    private let change: ShapeChange
    /// The tables that the same file makes, which cannot be read yet.
    private let newTables: Set<TableName>

    init(_ change: ShapeChange, newTables: Set<TableName>) {
        self.change = change
        self.newTables = newTables
    }

    private var dialect: Dialect { change.dialect }
    private var table: TableName { change.table.name }

    /// No two rows with the same values in these columns, as they will be called or have been.
    func unique(_ columns: [String]) -> Verification.Invariant {
        .init(
            name: "\(words(columns)) \(columns.count == 1 ? "is" : "are") unique",
            violation: Verification.Invariant.shared(columns.map(collated), of: table, dialect))
    }

    /// No two rows with the same keys of an index, of expressions or with a condition, among the rows that meet it;
    /// `nil` where it is not told what the keys are.
    func unique(_ index: Index) -> Verification.Invariant? {
        guard let keys = index.keys else { return nil }
        let names = index.columns.sorted().map { (name: $0, sql: value(of: $0)) }
        func scoped(_ sql: String) -> String { ScopedExpression.sql(sql, over: names, dialect) }
        return .init(
            name: "'\(index.name)' is unique",
            violation: Verification.Invariant.shared(
                keys.map(scoped), of: table, among: index.condition.map(scoped), dialect))
    }

    /// Every row points at one that is there, or at nothing.
    func pointsAtRow(
        _ columns: [String], _ target: ForeignKeyTarget, in schema: Schema
    ) -> Verification.Invariant? {
        let targets = target.columns.isEmpty ? schema[target.table]?.primaryKey ?? [] : target.columns
        guard targets.count == columns.count, !newTables.contains(dialect.normalized(target.table)) else {
            return nil
        }
        let parent = dialect.quote("_bellows_parent")
        // Bare names would mean the other table's columns where it has such.
        let own = columns.map { value(of: $0, in: dialect.quote(table) + ".") }
        let given = own.map { "\($0) IS NOT NULL" }
        let same = zip(targets, own).map { "\(parent).\(dialect.quote($0)) = \($1)" }
        return .init(
            name:
                "\(words(columns)) \(columns.count == 1 ? "points" : "point") at a row of '\(target.table)'",
            violation: given.joined(separator: " AND ")
                + " AND NOT EXISTS (SELECT 1 FROM \(dialect.quote(target.table)) AS \(parent) "
                + "WHERE \(same.joined(separator: " AND ")))")
    }

    /// A CHECK that is carried over, which is said of the columns under the names that the new ones bear meanwhile.
    func check(_ check: CheckConstraint) -> Verification.Invariant {
        let names = check.columns.sorted().map { name in
            (name: change.heirs[name] ?? name, sql: value(of: name))
        }
        let condition = ScopedExpression.sql(check.condition(renaming: change.heirs), over: names, dialect)
        return .check(check.name ?? "", condition)
    }

    /// The value as the new column compares it.
    private func collated(_ column: String) -> String {
        let value = value(of: column)
        return new(column)?.column.collation.map { "(\(value) COLLATE \($0))" } ?? value
    }

    private func words(_ columns: [String]) -> String { columns.map(name).joined(separator: ", ") }

    private func name(_ column: String) -> String { new(column)?.column.name ?? column }

    /// The new column of that name for now, or the one that takes the place of the old column of that name.
    private func new(_ column: String) -> ShapeChange.New? {
        let name = change.heirs[column] ?? column
        return change.news.first { $0.physicalName == name }
    }

    private func value(of column: String, in scope: String = "") -> String {
        guard let new = new(column) else { return scope + dialect.quote(column) }
        guard !scope.isEmpty else { return change.upValue(new) }
        return change.upValue(
            new, over: change.oldNames.map { (name: $0, sql: scope + dialect.quote($0)) })
    }
}

extension CheckConstraint {
    /// The condition alone, as SQL.
    func condition(renaming names: [String: String] = [:]) -> String {
        var text = definition.sql(.postgres, renaming: names)
        if text.hasPrefix("CHECK ") { text.removeFirst("CHECK ".count) }
        if text.hasSuffix(" NO INHERIT") { text.removeLast(" NO INHERIT".count) }
        return text
    }
}

extension PostgresShape {
    /// What must be true of the rows before anything changes.
    func demands(besides newTables: Set<TableName>) -> [Verification.Invariant] {
        guard !change.isRename else { return change.demands }
        let demands = ShapeDemands(change, newTables: newTables)
        var all = change.demands
        all += new.uniques.filter { !$0.object.nullsNotDistinct }.map { demands.unique($0.object.columns) }
        all += new.indexes.filter { $0.object.isUnique && $0.object.isSimple }
            .map { demands.unique($0.object.keyColumns) }
        all += new.indexes.filter { $0.isCopy && $0.object.isUnique && !$0.object.isSimple }
            .compactMap { demands.unique($0.object) }
        all += new.foreignKeys.filter { $0.object.isValidated }.compactMap {
            demands.pointsAtRow($0.object.columns, $0.object.target, in: schema)
        }
        // How the database writes one that mentions the column it says itself, where it was asked.
        all += new.checks.filter { $0.isCopy && isTold($0.object.definition) }.map {
            demands.check($0.object)
        }
        return all
    }

    private func isTold(_ template: SQLTemplate) -> Bool {
        change.heirs.keys.allSatisfy { template.columns.contains($0) }
    }
}

extension SQLiteShape {
    /// What must be true of the rows before anything changes.
    func demands(besides newTables: Set<TableName>) -> [Verification.Invariant] {
        guard !change.isRename else { return change.demands }
        let demands = ShapeDemands(change, newTables: newTables)
        let copies = copied.filter { $0.isUnique && $0.isSimple }.map { demands.unique($0.keyColumns) }
        let declared = change.news.filter(\.isUnique).map { demands.unique([$0.physicalName]) }
        let references = change.news.compactMap { new in
            new.references.flatMap { demands.pointsAtRow([new.physicalName], $0, in: schema) }
        }
        return change.demands + copies + declared + references
    }
}
