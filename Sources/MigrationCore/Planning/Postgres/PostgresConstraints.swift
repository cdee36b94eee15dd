import DoubleWrite

/// What constrains or serves some columns of a PostgreSQL table.
struct PostgresConstraints {
    let table: Table
    let columns: Set<String>
    let indexes: [Index]
    let uniques: [UniqueConstraint]
    let checks: [CheckConstraint]
    let foreignKeys: [ForeignKey]

    init(of columns: Set<String>, in table: Table) {
        self.table = table
        self.columns = columns
        indexes = table.indexes.filter { $0.isValid && !$0.columns.isDisjoint(with: columns) }
        uniques = table.uniqueConstraints.filter { !columns.isDisjoint(with: $0.columns) }
        checks = table.checks.filter { !$0.columns.isDisjoint(with: columns) }
        foreignKeys = table.foreignKeys.filter { !columns.isDisjoint(with: $0.columns) }
    }

    init(of column: String, in table: Table) { self.init(of: [column], in: table) }

    /// Foreign keys by which the database itself writes the column.
    var writingKeys: [ForeignKey] { foreignKeys.filter(\.writes) }
    var passiveKeys: [ForeignKey] { foreignKeys.filter { !$0.writes } }
    var uniqueIndexes: [Index] { indexes.filter(\.isUnique) }

    /// The names of all of them.
    var names: [String] { indexes.map(\.name) + constraintNames }
    var constraintNames: [String] {
        (checks.map(\.name) + uniques.map(\.name) + foreignKeys.map(\.name)).compactMap { $0 }
    }
}

extension ForeignKey {
    /// Whether it has an action that writes the referencing row.
    var writes: Bool { target.onDelete.writes || target.onUpdate.writes }

    /// Whether a value that is being filled row by row could break it while other columns of it are written.
    var isMatchFull: Bool { attributes?.contains("MATCH FULL") ?? false }
}

/// How the copies of a column's constraints are named and which column they are about.
struct PostgresCarrying {
    /// Old column to new column; empty for making the originals again.
    var columns: [String: String]
    /// From the original's name to the copy's.
    var name: @Sendable (String) -> String

    /// The originals, on the column itself.
    static let originals = PostgresCarrying(columns: [:], name: { $0 })
}

extension PostgresCarrying {
    private var dialect: Dialect { .postgres }

    func columnList(_ names: [String]) -> String {
        "(\(dialect.quote(names.map { columns[$0] ?? $0 })))"
    }

    func quotedName(_ original: String) -> String { dialect.quote(name(original)) }

    /// `CREATE INDEX CONCURRENTLY` for an index.
    func build(_ index: Index, on table: TableName, isPartitioned: Bool = false) -> Action {
        build(
            name: index.name, isUnique: index.isUnique, on: table, isPartitioned: isPartitioned,
            definition: index.definition.sql(dialect, renaming: columns))
    }

    /// `CREATE UNIQUE INDEX CONCURRENTLY` for a constraint's index.
    func build(_ unique: UniqueConstraint, on table: TableName) -> Action {
        let included = unique.included.isEmpty ? "" : " INCLUDE \(columnList(unique.included))"
        let nulls = unique.nullsNotDistinct ? " NULLS NOT DISTINCT" : ""
        return build(
            name: unique.name ?? "", isUnique: true, on: table,
            definition: columnList(unique.columns) + included + nulls)
    }

    private func build(
        name: String, isUnique: Bool, on table: TableName, isPartitioned: Bool = false, definition: String
    ) -> Action {
        let kind = isUnique ? "UNIQUE INDEX" : "INDEX"
        let (way, only) = isPartitioned ? ("", "ONLY ") : ("CONCURRENTLY ", "")
        let statement =
            "CREATE \(kind) \(way)\(quotedName(name)) ON \(only)\(dialect.quote(table)) \(definition)"
        return .buildIndex(
            IndexBuild(
                table: table, name: self.name(name), statement: statement,
                isPartitioned: isPartitioned ? true : nil))
    }

    /// `ADD CONSTRAINT ... UNIQUE USING INDEX ...`.
    func addition(_ unique: UniqueConstraint) -> String {
        let quoted = quotedName(unique.name ?? "")
        let attributes = unique.timing.map { " \($0)" } ?? ""
        return "ADD CONSTRAINT \(quoted) UNIQUE USING INDEX \(quoted)\(attributes)"
    }

    /// `ADD CONSTRAINT ... CHECK (...) NOT VALID`.
    func addition(_ check: CheckConstraint) -> String {
        let definition = check.definition.sql(dialect, renaming: columns)
        return "ADD CONSTRAINT \(quotedName(check.name ?? "")) \(definition) NOT VALID"
    }

    /// `ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID`.
    func addition(_ key: ForeignKey) -> String {
        "ADD CONSTRAINT \(quotedName(key.name ?? "")) FOREIGN KEY \(columnList(key.columns)) "
            + "\(key.sql(dialect)) NOT VALID"
    }

    func validation(_ name: String?) -> String { "VALIDATE CONSTRAINT \(quotedName(name ?? ""))" }
}

extension ForeignKey {
    /// Everything behind the referencing columns: the target, how it matches, what it does, when it is checked.
    func sql(_ dialect: Dialect) -> String {
        let match = isMatchFull ? "MATCH FULL" : nil
        let rest = attributes?.split(separator: " ").joined(separator: " ")
        let timing = rest.map { isMatchFull ? $0.dropping("MATCH FULL") : $0 }
        return target.sql(dialect, match: match) + (timing.map { $0.isEmpty ? "" : " \($0)" } ?? "")
    }
}

extension String {
    /// The text without the first occurrence of `words` at its beginning or behind a space.
    fileprivate func dropping(_ words: String) -> String {
        guard let range = firstRange(of: words) else { return self }
        var rest = self
        rest.removeSubrange(range)
        return rest.split(separator: " ").joined(separator: " ")
    }
}

extension ForeignKeyTarget {
    /// `REFERENCES "public"."owners" ("id") ON DELETE CASCADE`.
    func sql(_ dialect: Dialect, match: String? = nil) -> String {
        let table =
            switch dialect {
            case .postgres: dialect.quote(table)
            // SQLite's foreign keys stay within one file and take no schema.
            case .sqlite: dialect.quote(table.name)
            }
        let list = columns.isEmpty ? "" : " (\(dialect.quote(columns)))"
        let delete = onDelete == .noAction ? "" : " ON DELETE \(onDelete.rawValue)"
        let update = onUpdate == .noAction ? "" : " ON UPDATE \(onUpdate.rawValue)"
        let matching = match.map { " \($0)" } ?? ""
        return "REFERENCES \(table)\(list)\(matching)\(delete)\(update)"
    }
}
