internal import DoubleWrite
internal import MigrationCore

/// Which rows survive the way up and down of every change: the others cannot be migrated, and the plan says so.
struct Survival {
    let session: Session
    let schema: Schema
    let migration: Migration

    private var dialect: Dialect { schema.dialect }

    /// Takes away the rows that were made up and do not survive.
    ///
    /// - Parameter keeping: Whether they are somebody's own: the rehearsal is to show what happens to them.
    /// - Returns: How many there were, in words.
    func removeOthers(keeping: Bool) throws -> [String] {
        guard !keeping else { return [] }
        var notes: [String] = []
        for operation in migration.operations {
            guard let name = operation.table, let table = schema[name], !table.primaryKey.isEmpty else {
                continue
            }
            try removeViolations(of: operation, in: table)
            let columns = Table(name: table.name, columns: target(of: operation, in: table))
            guard let declared = operation.declaredChange(dialect, before: table, after: columns),
                !isLookup(operation)
            else { continue }
            let change = declared.declared(in: table.name, types: [:])
            let removed = try remove(change, from: table)
            if removed > 0 {
                notes.append(
                    "\(removed) rows that were made up for '\(table.name)' do not survive 'up' and 'down', and were left out"
                )
            }
        }
        return notes
    }

    private func isLookup(_ operation: MigrationCore.Operation) -> Bool {
        if case .extractTable = operation { true } else { false }
    }

    /// The new columns with their types, as far as the file says them.
    private func target(of operation: MigrationCore.Operation, in table: Table) -> [Column] {
        func column(_ name: String, _ type: String?, _ old: String) -> Column {
            Column(name: name, type: type ?? table.column(old)?.type ?? "text")
        }
        if case .changeType(let change) = operation {
            return [column(change.column, change.type[dialect], change.column)]
        }
        if case .changeColumn(let change) = operation {
            return [column(change.to, change.type?[dialect], change.from)]
        }
        if case .splitColumn(let split) = operation {
            return split.to.map { column($0.definition.name, $0.definition.type[dialect], split.from) }
        }
        if case .mergeColumns(let merge) = operation {
            let definition = merge.to.definition
            return [column(definition.name, definition.type[dialect], merge.from.first?.name ?? "")]
        }
        return []
    }

    private func removeViolations(of operation: MigrationCore.Operation, in table: Table) throws {
        let quoted = dialect.quote(table.name)
        if case .addCheck(let check) = operation, let condition = check.check[dialect] {
            try session.run("DELETE FROM \(quoted) WHERE NOT \(ScopedExpression.parenthesized(condition))")
        }
        var unique: [String]?
        if case .addUnique(let added) = operation { unique = added.columns }
        if case .addPrimaryKey(let added) = operation { unique = added.columns }
        guard let unique else { return }
        let key = dialect.quote(table.primaryKey)
        try session.run(
            "DELETE FROM \(quoted) WHERE (\(key)) NOT IN (SELECT \(table.primaryKey.map { "min(\(dialect.quote($0)))" }.joined(separator: ", ")) "
                + "FROM \(quoted) GROUP BY \(dialect.quote(unique)))")
    }

    /// One by one: an expression may fail at a row.
    private func remove(_ change: DeclaredChange, from table: Table) throws -> Int {
        let rows = try session.run(
            "SELECT \(dialect.quote(table.primaryKey)) FROM \(dialect.quote(table.name))"
        ).rows
        let condition = Statements.condition(table.primaryKey, from: 1, dialect)
        let query = "\(roundTrip(change, table)) WHERE \(condition)) AS \(dialect.quote("u"))"
        var removed = 0
        for key in rows {
            let survives =
                try session.trying { try session.run(query, key).scalar?.boolean ?? false } ?? false
            guard !survives else { continue }
            removed += 1
            _ = try session.run("DELETE FROM \(dialect.quote(table.name)) WHERE \(condition)", key)
        }
        return removed
    }

    /// `SELECT NOT (old differs from down(up(old))) FROM (SELECT old, up(old) FROM table`, to be gone on with.
    private func roundTrip(_ change: DeclaredChange, _ table: Table) -> String {
        func quoted(_ name: String, _ prefix: String) -> String { dialect.quote(prefix + name) }
        func value(_ column: DeclaredChange.Column, over names: [(name: String, sql: String)]) -> String {
            let sql =
                column.expression.map { ScopedExpression.sql($0[dialect], over: names, dialect) }
                ?? names.first?.sql ?? "NULL"
            return column.type.map { "CAST(\(sql) AS \($0[dialect]))" } ?? sql
        }
        let olds = change.old.map { (name: $0.name, sql: dialect.quote($0.name)) }
        let inner =
            change.old.map { "\(dialect.quote($0.name)) AS \(quoted($0.name, "o_"))" }
            + change.new.map { "\(value($0, over: olds)) AS \(quoted($0.name, "n_"))" }
        let news = change.new.map { (name: $0.name, sql: quoted($0.name, "n_")) }
        let differences = change.old.map { column in
            dialect.differs(quoted(column.name, "o_"), value(column, over: news))
        }
        return
            "SELECT NOT (\(differences.joined(separator: " OR "))) FROM (SELECT \(inner.joined(separator: ", ")) "
            + "FROM \(dialect.quote(table.name))"
    }
}
