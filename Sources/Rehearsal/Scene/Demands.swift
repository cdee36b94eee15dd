internal import DoubleWrite
internal import MigrationCore

/// What a migration demands of the rows that are there when it comes: a row that was made up and breaks it would only show
/// that the plan counts such rows, and stop every schedule there.
struct Demands {
    let schema: Schema
    let migration: Migration

    private var dialect: Dialect { schema.dialect }

    /// The operations on a table.
    func operations(on table: Table) -> [MigrationCore.Operation] {
        migration.operations.filter { operation in
            operation.table.flatMap { schema[$0]?.name } == table.name
        }
    }

    /// Queries that find a row which breaks a demand, each for itself; one that fails has found one as well.
    func queries(on table: Table) -> [String] {
        operations(on: table).flatMap { violations(of: $0, in: table) }
    }

    private func violations(of operation: MigrationCore.Operation, in table: Table) -> [String] {
        let quoted = dialect.quote(table.name)
        if case .addCheck(let check) = operation, let condition = check.check[dialect] {
            return ["SELECT 1 FROM \(quoted) WHERE NOT \(ScopedExpression.parenthesized(condition)) LIMIT 1"]
        }
        if case .addUnique(let added) = operation { return [duplicates(added.columns, in: table)] }
        if case .addPrimaryKey(let added) = operation { return [duplicates(added.columns, in: table)] }
        let columns = Table(name: table.name, columns: target(of: operation, in: table))
        guard let declared = operation.declaredChange(dialect, before: table, after: columns),
            !isLookup(operation)
        else { return [] }
        return [lost(on: declared.declared(in: table.name, types: [:]), table)]
    }

    private func duplicates(_ columns: [String], in table: Table) -> String {
        let isGiven = columns.map { "\(dialect.quote($0)) IS NOT NULL" }.joined(separator: " AND ")
        return
            "SELECT 1 FROM \(dialect.quote(table.name)) WHERE \(isGiven) GROUP BY \(dialect.quote(columns)) "
            + "HAVING count(*) > 1 LIMIT 1"
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

    /// Finds a row whose old value is another one after the way up and down.
    private func lost(on change: DeclaredChange, _ table: Table) -> String {
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
            // What is computed has been in no column of SQLite yet, which would make an integer of 80.0.
            switch dialect {
            case .postgres: dialect.differs(quoted(column.name, "o_"), value(column, over: news))
            case .sqlite: "\(quoted(column.name, "o_")) IS NOT \(value(column, over: news))"
            }
        }
        return "SELECT 1 FROM (SELECT \(inner.joined(separator: ", ")) FROM \(dialect.quote(table.name))) "
            + "AS \(dialect.quote("rows")) WHERE \(differences.joined(separator: " OR ")) LIMIT 1"
    }
}
